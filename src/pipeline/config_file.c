/* SPDX-License-Identifier: Apache-2.0
 *
 * libcyaml loads the file by a schema in which every value is a text; texts are then read by the same
 * functions as those of the environment. libcyaml 1.3 tells a line only where a value is of the wrong
 * kind, and the line before for a key that it does not know or saw before, so libyaml is asked for the place.
 */
#include "pipeline/config_file.h"

#include "base/base.h"
#include "os/os.h"
#include "pipeline/config_settings.h"
#include "pipeline/limits.h"

#include <cyaml/cyaml.h>
#include <stdio.h>
#include <string.h>
#include <yaml.h>

enum { COMPLAINT_SIZE = 160 };

struct ifm_config_file {
    char *texts[IFM_SETTING_COUNT];
    char **bound_texts;
    unsigned bound_texts_count; /* libcyaml's type and name */
    double *bounds;
};

struct place {
    size_t line; /* from 1; 0: not known */
    size_t column;
};

/* What libcyaml says of a file: its first error, and the innermost place of the backtrace. */
struct complaint {
    char text[COMPLAINT_SIZE];
    struct place place;
};

static const cyaml_schema_value_t bound_schema = {
    CYAML_VALUE_STRING(CYAML_FLAG_POINTER, char, 0, CYAML_UNLIMITED)};

static const cyaml_schema_field_t field_schemas[] = {
#define CONFIG_FIELD(name)                                                                                   \
    CYAML_FIELD_STRING_PTR(#name, CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, struct ifm_config_file,          \
                           texts[IFM_SETTING_##name], 0, CYAML_UNLIMITED),
    IFM_SETTING_MAP(CONFIG_FIELD)
#undef CONFIG_FIELD
        CYAML_FIELD_SEQUENCE("stage_bounds", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, struct ifm_config_file,
                             bound_texts, &bound_schema, 1, IFM_BUCKETS_MAX),
    CYAML_FIELD_END};

static const cyaml_schema_value_t file_schema = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, struct ifm_config_file, field_schemas)};

static void *config_memory(void *context, void *memory, size_t size)
{
    (void)context;
    if (size == 0) {
        ifm_free(memory);
        return NULL;
    }
    return ifm_realloc(memory, size, 1);
}

/* libcyaml logs: "Load: MESSAGE\n", "Load: Backtrace:\n", then places from the inside out. */
static void config_listen(cyaml_log_t level, void *context, const char *format, va_list arguments)
{
    static const char prefix[] = "Load: ";
    struct complaint *complaint = context;
    char text[COMPLAINT_SIZE];
    (void)level; /* only warnings and errors are asked for */
    vsnprintf(text, sizeof text, format, arguments);
    text[strcspn(text, "\n")] = '\0';
    const char *place = strstr(text, "(line: ");
    if (place != NULL && complaint->place.line == 0) {
        sscanf(place, "(line: %zu, column: %zu)", &complaint->place.line, &complaint->place.column);
    } else if (place == NULL && complaint->text[0] == '\0' && strstr(text, "Backtrace") == NULL) {
        const char *begin = strncmp(text, prefix, sizeof prefix - 1) == 0 ? text + sizeof prefix - 1 : text;
        memcpy(complaint->text, begin, strlen(begin) + 1);
    }
}

/* Where the key of a file's mapping stands, or where the file stops being YAML. */
struct search {
    const char *key;     /* may be NULL */
    struct place key_at; /* of the last of that name, as the next one */
    struct place value_at;
    struct place problem_at;
};

static struct place place_of(const yaml_mark_t *mark)
{
    return (struct place){.line = mark->line + 1, .column = mark->column + 1};
}

/* Looks at the events of one file; `is_key` says whether the next node of the outer mapping is a key. */
static void search_event(struct search *search, const yaml_event_t *event, int *depth, bool *is_key,
                         bool *found)
{
    bool opens = event->type == YAML_MAPPING_START_EVENT || event->type == YAML_SEQUENCE_START_EVENT;
    bool closes = event->type == YAML_MAPPING_END_EVENT || event->type == YAML_SEQUENCE_END_EVENT;
    bool is_scalar = event->type == YAML_SCALAR_EVENT;
    if (*depth == 1 && (opens || is_scalar || event->type == YAML_ALIAS_EVENT)) {
        if (!*is_key && *found) {
            search->value_at = place_of(&event->start_mark);
        }
        *found = *is_key && is_scalar && search->key != NULL &&
                 strcmp((const char *)event->data.scalar.value, search->key) == 0;
        if (*found) {
            search->key_at = place_of(&event->start_mark);
        }
        *is_key = !*is_key;
    }
    *depth += (int)opens - (int)closes;
}

static void search_run(struct search *search, const ifm_buf *text)
{
    yaml_parser_t parser;
    if (yaml_parser_initialize(&parser) == 0) {
        return;
    }
    yaml_parser_set_input_string(&parser, (const unsigned char *)text->data, text->size);
    int depth = 0;
    bool is_key = true, found = false, done = false;
    while (!done) {
        yaml_event_t event;
        if (yaml_parser_parse(&parser, &event) == 0) {
            search->problem_at = place_of(&parser.problem_mark);
            break;
        }
        search_event(search, &event, &depth, &is_key, &found);
        done = event.type == YAML_STREAM_END_EVENT;
        yaml_event_delete(&event);
    }
    yaml_parser_delete(&parser);
}

/* Puts file and place in front of the message. Returns false. */
static bool config_place(const char *path, struct place place, ifm_error *err)
{
    if (place.line == 0) {
        return ifm_error_wrap(err, "could not use \"%s\"", path);
    }
    return ifm_error_wrap(err, "could not use \"%s\": line %zu, column %zu", path, place.line, place.column);
}

/* The key that libcyaml complains of after `prefix`; NULL when it complains of something else. */
static const char *complaint_key(const struct complaint *complaint, const char *prefix)
{
    size_t size = strlen(prefix);
    return strncmp(complaint->text, prefix, size) == 0 ? complaint->text + size : NULL;
}

/* What libcyaml says in terms of its own, in those of the file; another complaint as it is. */
static const char *complaint_sentence(const struct complaint *complaint)
{
    static const struct {
        const char *begin;
        const char *sentence;
    } table[] = {
        {"Expecting STRING", "a single value belongs here, not a list or a mapping"},
        {"Expecting SEQUENCE", "a list belongs here; hint: write [1, 2, 3]"},
        {"Expecting MAPPING", "the file is no mapping; hint: write lines such as port: 8000"},
    };
    for (size_t i = 0; i < IFM_COUNT_OF(table); i++) {
        if (complaint_key(complaint, table[i].begin) != NULL) {
            return table[i].sentence;
        }
    }
    return complaint->text;
}

/* Turns libcyaml's complaint into a sentence. */
static bool config_complain(const char *path, const ifm_buf *text, cyaml_err_t code,
                            const struct complaint *complaint, ifm_error *err)
{
    const char *surplus = complaint_key(complaint, "Unexpected key: ");
    const char *repeated = complaint_key(complaint, "Mapping field already seen: ");
    struct search search = {.key = surplus != NULL ? surplus : repeated};
    struct place place = complaint->place;
    if (code == CYAML_ERR_OOM) {
        return ifm_error_nomem(err);
    }
    if (search.key != NULL) {
        search_run(&search, text);
        place = search.key_at;
        ifm_error_set(err, IFM_INVALID,
                      surplus != NULL ? "there is no setting \"%s\"" : "setting \"%s\" is given twice",
                      search.key);
    } else {
        if (code == CYAML_ERR_LIBYAML_PARSER) {
            search_run(&search, text);
            place = search.problem_at;
        }
        ifm_error_set(err, IFM_INVALID, "%s",
                      complaint->text[0] == '\0' ? cyaml_strerror(code) : complaint_sentence(complaint));
    }
    return config_place(path, place, err);
}

static bool config_parse(const char *path, const ifm_buf *text, struct ifm_config_file **out, ifm_error *err)
{
    struct complaint complaint = {.place = {.line = 0}};
    const cyaml_config_t config = {.log_fn = config_listen,
                                   .log_ctx = &complaint,
                                   .mem_fn = config_memory,
                                   .log_level = CYAML_LOG_WARNING,
                                   .flags = CYAML_CFG_NO_ALIAS};
    cyaml_data_t *data = NULL;
    cyaml_err_t code =
        cyaml_load_data((const uint8_t *)text->data, text->size, &config, &file_schema, &data, NULL);
    *out = data;
    if (code != CYAML_OK || complaint.text[0] != '\0') { /* a warning: there is a second document */
        return config_complain(path, text, code, &complaint, err);
    }
    if (data == NULL) { /* the file holds nothing but comments */
        *out = ifm_alloc_zero(1, sizeof **out);
    }
    return *out != NULL || ifm_error_nomem(err);
}

static bool config_refuse(const char *path, const ifm_buf *text, const char *key, const char *value,
                          const char *accepted, ifm_error *err)
{
    struct search search = {.key = key};
    search_run(&search, text);
    ifm_error_set(err, IFM_INVALID, "%s \"%.64s\" cannot be used; accepted: %s", key, value, accepted);
    return config_place(path, search.value_at, err);
}

static bool config_apply_bounds(const char *path, const ifm_buf *text, struct ifm_config_file *file,
                                ifm_logger_options *settings, ifm_error *err)
{
    size_t count = file->bound_texts_count;
    if (count == 0) {
        return true;
    }
    file->bounds = ifm_alloc_zero(count, sizeof *file->bounds);
    if (file->bounds == NULL) {
        return ifm_error_nomem(err);
    }
    for (size_t i = 0; i < count; i++) {
        const char *bound = file->bound_texts[i];
        if (!ifm_number_read(bound, strlen(bound), &file->bounds[i])) {
            return config_refuse(path, text, "stage_bounds", bound, "numbers", err);
        }
    }
    settings->stage_bounds = file->bounds;
    settings->stage_bound_count = count;
    return true;
}

static bool config_apply(const char *path, const ifm_buf *text, struct ifm_config_file *file,
                         ifm_logger_options *settings, ifm_error *err)
{
    for (ifm_setting setting = 0; setting < IFM_SETTING_COUNT; setting++) {
        const char *value = file->texts[setting];
        if (value != NULL && !ifm_setting_apply(setting, value, settings)) {
            return config_refuse(path, text, ifm_setting_key(setting), value, ifm_setting_accepted(setting),
                                 err);
        }
    }
    return config_apply_bounds(path, text, file, settings, err);
}

struct ifm_config_file *ifm_config_file_open(const char *path, ifm_logger_options *settings, ifm_error *err)
{
    struct ifm_config_file *file = NULL;
    ifm_buf text;
    ifm_buf_init(&text, IFM_CONFIG_BYTES_MAX);
    bool ok = ifm_os_read_file(path, &text, err) && config_parse(path, &text, &file, err) &&
              config_apply(path, &text, file, settings, err);
    ifm_buf_deinit(&text);
    if (!ok) {
        ifm_config_file_close(file);
        return NULL;
    }
    return file;
}

void ifm_config_file_close(struct ifm_config_file *file)
{
    static const cyaml_config_t config = {.mem_fn = config_memory};
    if (file != NULL) {
        ifm_free(file->bounds);
        cyaml_free(&config, &file_schema, file, 0);
    }
}
