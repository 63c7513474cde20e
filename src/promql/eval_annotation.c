/* SPDX-License-Identifier: Apache-2.0
 *
 * Warnings and infos: each text once, however many samples gave rise to it.
 */
#include "promql/eval_impl.h"

#include "promql/quote.h"

#include <stdarg.h>
#include <stdio.h>

/* Annotations of a query. They name metrics, of which a dashboard may show thousands; what is behind the
 * first ones is of no use to anybody (the HTTP API shows ten). */
enum { ANNOTATIONS_MAX = 1000, ANNOTATION_SIZE_MAX = 4096 };

/* What tells annotations apart, as the labels of an index: there may be as many calls as samples. */
static model_labels annotation_identity(bool warning, const char *key, model_label *label)
{
    label->name = model_text_of(warning ? "warning" : "info");
    label->value = model_text_of(key);
    return (model_labels){.items = label, .count = 1};
}

static promql_annotation *annotation_new(promql_eval *eval, const promql_node *at, bool warning,
                                         const char *key)
{
    const char *kind = warning ? "PromQL warning: " : "PromQL info: ";
    size_t size = strlen(kind) + strlen(key) + 1;
    promql_annotation *annotation = ifm_bump_alloc(eval->arena, sizeof *annotation);
    char *text = ifm_bump_alloc(eval->arena, size);
    if (annotation == NULL || text == NULL) {
        return NULL;
    }
    (void)snprintf(text, size, "%s%s", kind, key);
    *annotation = (promql_annotation){.warning = warning, .text = text, .key = text + strlen(kind)};
    annotation->start = at->start;
    annotation->end = at->end;
    return annotation;
}

promql_annotation *promql_annotate(promql_eval *eval, const promql_node *at, bool warning, const char *key)
{
    promql_result *result = eval->run->result;
    model_label asked;
    size_t number;
    bool fresh;
    if (promql_index_get(&eval->run->annotations, annotation_identity(warning, key, &asked), &number)) {
        return result->annotations[number];
    }
    if (result->annotation_count >= ANNOTATIONS_MAX) {
        return NULL;
    }
    promql_annotation **grown = ifm_bump_grow(eval->arena, result->annotations, result->annotation_count,
                                              sizeof(promql_annotation *));
    promql_annotation *annotation = annotation_new(eval, at, warning, key);
    model_label *label = ifm_bump_alloc(eval->arena, sizeof *label);
    if (grown == NULL || annotation == NULL || label == NULL ||
        !promql_index_put(eval, &eval->run->annotations, annotation_identity(warning, annotation->key, label),
                          &number, &fresh)) {
        return NULL;
    }
    result->annotations = grown;
    result->annotations[result->annotation_count++] = annotation; /* result->annotations[number] */
    return annotation;
}

static void annotate_format(promql_eval *eval, const promql_node *at, bool warning, const char *format,
                            va_list arguments)
{
    char text[ANNOTATION_SIZE_MAX];
    (void)vsnprintf(text, sizeof text, format, arguments);
    promql_make_valid(text);
    (void)promql_annotate(eval, at, warning, text);
}

void promql_warn(promql_eval *eval, const promql_node *at, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    annotate_format(eval, at, true, format, arguments);
    va_end(arguments);
}

void promql_info(promql_eval *eval, const promql_node *at, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    annotate_format(eval, at, false, format, arguments);
    va_end(arguments);
}

const char *promql_quoted_name(promql_eval *eval, model_labels labels)
{
    model_text name = model_labels_get(labels, model_text_of(MODEL_NAME_LABEL));
    ifm_buf quoted;
    ifm_buf_init(&quoted, ANNOTATION_SIZE_MAX);
    promql_quote(&quoted, (promql_text){name.data, name.size});
    const char *copy = quoted.failed == IFM_OK ? ifm_bump_copy(eval->arena, quoted.data, quoted.size) : NULL;
    if (quoted.failed == IFM_NOMEM) {
        (void)ifm_error_nomem(eval->err);
    }
    ifm_buf_deinit(&quoted);
    return copy == NULL ? "\"\"" : copy;
}

void promql_last_set(promql_eval *eval, promql_last *last, size_t step, const promql_operation *operation)
{
    if (last->texts == NULL) {
        last->texts = ifm_bump_alloc_array(eval->arena, eval->steps, sizeof *last->texts);
        last->warnings = ifm_bump_alloc_array(eval->arena, eval->steps, sizeof *last->warnings);
    }
    if (last->texts != NULL && last->warnings != NULL) {
        last->texts[step] = operation->annotation;
        last->warnings[step] = operation->warning;
    }
}

void promql_last_emit(promql_eval *eval, const promql_last *last, const promql_node *at)
{
    for (size_t step = 0; last->texts != NULL && last->warnings != NULL && step < eval->steps; step++) {
        if (last->texts[step] != NULL) {
            (void)promql_annotate(eval, at, last->warnings[step], last->texts[step]);
        }
    }
}
