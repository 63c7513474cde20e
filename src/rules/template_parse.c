/* SPDX-License-Identifier: Apache-2.0
 *
 * Tokens to the tree. Variables become numbers here, functions what they are: a template that parses names
 * nothing that is not there.
 */
#include "rules/template_impl.h"

typedef struct variable {
    model_text name;
    size_t slot;
} variable;

typedef struct parser {
    template_lexer lexer;
    template_token token; /* the next one */
    ifm_bump *arena;
    ifm_error *err;
    variable *variables; /* those that are seen from here, the innermost last */
    size_t variable_count;
    size_t slot_count;
    size_t depth;
    size_t ranges; /* around */
    bool in_definition;
    template_definition *definitions;
} parser;

static bool fail_at(parser *p, const char *what)
{
    return template_fail(p->err, p->token.line, "%s", what);
}

static bool next(parser *p)
{
    return template_lex(&p->lexer, &p->token);
}

static bool skip_space(parser *p)
{
    return p->token.kind != TEMPLATE_TOKEN_SPACE || next(p);
}

static bool is_word(const parser *p, const char *word)
{
    return p->token.kind == TEMPLATE_TOKEN_NAME && model_text_equal(p->token.text, model_text_of(word));
}

static bool deeper(parser *p)
{
    return ++p->depth <= RULES_TEMPLATE_DEPTH_MAX ||
           ifm_error_set(p->err, IFM_LIMIT, "line %u of the template: it is nested more than %d deep",
                         p->token.line, RULES_TEMPLATE_DEPTH_MAX);
}

/* ---- Variables ---- */

static bool variable_add(parser *p, model_text name, size_t *slot)
{
    variable *grown = ifm_bump_grow(p->arena, p->variables, p->variable_count, sizeof *grown);
    if (grown == NULL) {
        return ifm_bump_check(p->arena, p->err);
    }
    p->variables = grown;
    *slot = p->slot_count++;
    grown[p->variable_count++] = (variable){name, *slot};
    return true;
}

static bool variable_find(parser *p, model_text name, size_t *slot)
{
    for (size_t i = p->variable_count; i-- > 0;) {
        if (model_text_equal(p->variables[i].name, name)) {
            *slot = p->variables[i].slot;
            return true;
        }
    }
    return template_fail(p->err, p->token.line, "there is no variable \"%.*s\"", (int)name.size, name.data);
}

/* ---- Pipelines ---- */

static bool parse_pipe(parser *p, template_token_kind end, bool declares, const template_pipe **out);

static bool parse_function(parser *p, template_term *out)
{
    model_text name = p->token.text;
    out->kind = TEMPLATE_TERM_FUNCTION;
    if (model_text_equal(name, model_text_of("nil"))) {
        out->kind = TEMPLATE_TERM_NIL;
        return true;
    }
    out->function = template_function_find(name);
    if (out->function != NULL) {
        return true;
    }
    return template_fail(p->err, p->token.line,
                         template_function_is_known(name)
                             ? "the function \"%.*s\" is for the templates of consoles only"
                             : "there is no function \"%.*s\"",
                         (int)name.size, name.data);
}

static bool parse_parentheses(parser *p, template_term *out)
{
    out->kind = TEMPLATE_TERM_PIPE;
    bool ok = deeper(p) && next(p) && parse_pipe(p, TEMPLATE_TOKEN_RIGHT, false, &out->pipe);
    p->depth--;
    return ok;
}

static bool add_field(parser *p, template_term *term)
{
    model_text *fields =
        ifm_bump_grow(p->arena, (void *)(uintptr_t)term->fields, term->field_count, sizeof *fields);
    if (fields == NULL) {
        return ifm_bump_check(p->arena, p->err);
    }
    fields[term->field_count++] = p->token.text;
    term->fields = fields;
    return true;
}

/* .A.B behind what a term is. */
static bool parse_fields(parser *p, template_term *term)
{
    while (p->token.kind == TEMPLATE_TOKEN_FIELD) {
        if (term->kind == TEMPLATE_TERM_CONSTANT || term->kind == TEMPLATE_TERM_NIL) {
            return fail_at(p, "a constant has no fields");
        }
        if (!add_field(p, term) || !next(p)) {
            return false;
        }
    }
    return true;
}

static bool parse_term(parser *p, template_term *out)
{
    *out = (template_term){.kind = TEMPLATE_TERM_DOT};
    bool ok;
    switch (p->token.kind) {
    case TEMPLATE_TOKEN_FIELD:
        return parse_fields(p, out);
    case TEMPLATE_TOKEN_DOT:
        ok = true;
        break;
    case TEMPLATE_TOKEN_VARIABLE:
        out->kind = TEMPLATE_TERM_VARIABLE;
        ok = variable_find(p, p->token.text, &out->slot);
        break;
    case TEMPLATE_TOKEN_NAME:
        ok = parse_function(p, out);
        break;
    case TEMPLATE_TOKEN_LEFT:
        ok = parse_parentheses(p, out);
        break;
    case TEMPLATE_TOKEN_CONSTANT:
        out->kind = TEMPLATE_TERM_CONSTANT;
        out->value = p->token.value;
        ok = true;
        break;
    default:
        return fail_at(p, "a value is missing here");
    }
    return ok && next(p) && parse_fields(p, out);
}

static bool ends_term(const parser *p)
{
    switch (p->token.kind) {
    case TEMPLATE_TOKEN_SPACE:
    case TEMPLATE_TOKEN_PIPE:
    case TEMPLATE_TOKEN_RIGHT:
    case TEMPLATE_TOKEN_CLOSE:
        return true;
    default:
        return false;
    }
}

/* Terms with spaces between, up to a sign that ends them. */
static bool parse_command(parser *p, template_command *out)
{
    *out = (template_command){.line = p->token.line};
    if (!skip_space(p)) {
        return false;
    }
    while (p->token.kind != TEMPLATE_TOKEN_PIPE && p->token.kind != TEMPLATE_TOKEN_RIGHT &&
           p->token.kind != TEMPLATE_TOKEN_CLOSE) {
        template_term *terms = ifm_bump_grow(p->arena, out->terms, out->count, sizeof *terms);
        if (terms == NULL) {
            return ifm_bump_check(p->arena, p->err);
        }
        out->terms = terms;
        if (!parse_term(p, &terms[out->count++])) {
            return false;
        }
        if (!ends_term(p)) {
            return fail_at(p, "a space is missing between two values");
        }
        if (!skip_space(p)) {
            return false;
        }
    }
    return out->count > 0 || fail_at(p, "a value is missing here");
}

/* A constant cannot take what comes through the pipe, nor what stands behind it. */
static bool check_command(parser *p, const template_command *command, bool first)
{
    const template_term *term = &command->terms[0];
    bool is_function = term->kind == TEMPLATE_TERM_FUNCTION;
    bool may_be_method = term->field_count > 0;
    if (!first && !is_function && !may_be_method) {
        return template_fail(p->err, command->line, "what stands behind \"|\" has to be a function");
    }
    if (term->kind == TEMPLATE_TERM_NIL) {
        return template_fail(p->err, command->line, "nil alone is no value");
    }
    if (!is_function && command->count > 1 && !may_be_method) {
        return template_fail(p->err, command->line, "a value that is no function has arguments behind it");
    }
    if (!is_function) {
        return true;
    }
    const template_function *function = term->function;
    if (may_be_method) { /* toTime.Year: its arguments are the method's */
        return function->arguments_min == 0 ||
               template_fail(p->err, command->line, "the function \"%s\" wants arguments; hint: (%s ..).%.*s",
                             function->name, function->name, (int)term->fields[0].size, term->fields[0].data);
    }
    size_t count = command->count - 1 + !first;
    if (count < (size_t)function->arguments_min ||
        (function->arguments_max >= 0 && count > (size_t)function->arguments_max)) {
        return template_fail(
            p->err, command->line, "the function \"%s\" has %zu arguments here, and wants %s%d",
            function->name, count,
            function->arguments_min == function->arguments_max ? ""
            : count < (size_t)function->arguments_min          ? "at least "
                                                               : "at most ",
            count < (size_t)function->arguments_min ? function->arguments_min : function->arguments_max);
    }
    return true;
}

/* "$a, $b :=": what is only a use of a variable is left as it was. */
static bool parse_declaration(parser *p, template_pipe *pipe, bool two)
{
    parser before = *p;
    model_text names[TEMPLATE_VARIABLES_MAX];
    size_t count = 0;
    bool more = true;
    while (more && count < TEMPLATE_VARIABLES_MAX && p->token.kind == TEMPLATE_TOKEN_VARIABLE) {
        names[count++] = p->token.text;
        if (!next(p) || !skip_space(p)) {
            return false;
        }
        more = p->token.kind == TEMPLATE_TOKEN_COMMA;
        if (more && (!two || !next(p) || !skip_space(p))) {
            return p->err->code == IFM_OK && fail_at(p, "only \"range\" sets two variables");
        }
    }
    bool declares = p->token.kind == TEMPLATE_TOKEN_DECLARE;
    if (count == 0 || more || (!declares && p->token.kind != TEMPLATE_TOKEN_ASSIGN)) {
        *p = before;
        return true;
    }
    pipe->slot_count = count;
    for (size_t i = 0; i < count; i++) {
        bool ok = declares ? variable_add(p, names[i], &pipe->slots[i])
                           : variable_find(p, names[i], &pipe->slots[i]);
        if (!ok) {
            return false;
        }
    }
    return next(p);
}

static bool parse_commands(parser *p, template_token_kind end, template_pipe *pipe)
{
    for (;;) {
        template_command *commands = ifm_bump_grow(p->arena, pipe->commands, pipe->count, sizeof *commands);
        if (commands == NULL) {
            return ifm_bump_check(p->arena, p->err);
        }
        pipe->commands = commands;
        template_command *command = &commands[pipe->count];
        if (!parse_command(p, command) || !check_command(p, command, pipe->count == 0)) {
            return false;
        }
        pipe->count++;
        if (p->token.kind == end) {
            return true;
        }
        if (p->token.kind != TEMPLATE_TOKEN_PIPE) {
            return fail_at(p, end == TEMPLATE_TOKEN_RIGHT ? "a parenthesis is not closed"
                                                          : "a parenthesis is closed that was not opened");
        }
        if (!next(p)) {
            return false;
        }
    }
}

/* Up to `end`, which stays the next token. */
static bool parse_pipe(parser *p, template_token_kind end, bool two, const template_pipe **out)
{
    template_pipe *pipe = ifm_bump_alloc(p->arena, sizeof *pipe);
    if (pipe == NULL) {
        return ifm_bump_check(p->arena, p->err);
    }
    pipe->line = p->token.line;
    *out = pipe;
    if (!skip_space(p)) {
        return false;
    }
    /* A variable is known behind its pipeline only. */
    size_t known = p->variable_count;
    if (end == TEMPLATE_TOKEN_CLOSE && !parse_declaration(p, pipe, two)) {
        return false;
    }
    size_t declared = p->variable_count;
    p->variable_count = known;
    bool ok = parse_commands(p, end, pipe);
    p->variable_count = declared;
    return ok;
}

/* ---- Lists ---- */

typedef enum list_end { LIST_END_FILE, LIST_END_END, LIST_END_ELSE } list_end;

static bool parse_list(parser *p, template_list *out, list_end *end);

static template_node *node_add(parser *p, template_list *list)
{
    template_node *nodes = ifm_bump_grow(p->arena, list->nodes, list->count, sizeof *nodes);
    if (nodes == NULL) {
        ifm_bump_check(p->arena, p->err);
        return NULL;
    }
    list->nodes = nodes;
    return &nodes[list->count++];
}

static bool expect_close(parser *p)
{
    return skip_space(p) &&
           (p->token.kind == TEMPLATE_TOKEN_CLOSE ? next(p) : fail_at(p, "here the action has to end"));
}

static bool parse_block(parser *p, template_node_kind kind, template_node *out);

/* Behind "else": its list, or another block, whose "end" is that of this one, too. */
static bool parse_otherwise(parser *p, template_node_kind kind, template_node *node)
{
    if (!skip_space(p)) {
        return false;
    }
    bool chains =
        (kind == TEMPLATE_NODE_IF && is_word(p, "if")) || (kind == TEMPLATE_NODE_WITH && is_word(p, "with"));
    if (chains) {
        template_node *inner = node_add(p, &node->otherwise);
        return inner != NULL && next(p) && parse_block(p, kind, inner);
    }
    list_end end;
    if (!expect_close(p) || !parse_list(p, &node->otherwise, &end)) {
        return false;
    }
    return end == LIST_END_END
               ? expect_close(p)
               : fail_at(p, end == LIST_END_ELSE ? "there is a second \"else\"" : "an \"end\" is missing");
}

/* Behind its word, up to its "end". */
static bool parse_block(parser *p, template_node_kind kind, template_node *out)
{
    size_t known = p->variable_count;
    list_end end;
    out->kind = kind;
    bool is_range = kind == TEMPLATE_NODE_RANGE;
    if (!deeper(p) || !parse_pipe(p, TEMPLATE_TOKEN_CLOSE, is_range, &out->pipe) || !next(p)) {
        return false;
    }
    p->ranges += is_range;
    bool ok = parse_list(p, &out->body, &end);
    p->ranges -= is_range;
    if (ok && end == LIST_END_FILE) {
        ok = fail_at(p, "an \"end\" is missing");
    } else if (ok) {
        ok = end == LIST_END_END ? expect_close(p) : parse_otherwise(p, kind, out);
    }
    p->variable_count = known;
    p->depth--;
    return ok;
}

static bool parse_jump(parser *p, template_node_kind kind, template_list *list)
{
    if (p->ranges == 0) {
        return fail_at(p, "\"break\" and \"continue\" are for the inside of \"range\"");
    }
    template_node *node = node_add(p, list);
    if (node == NULL) {
        return false;
    }
    node->kind = kind;
    return next(p) && expect_close(p);
}

/* ---- Templates with a name ---- */

static bool parse_name(parser *p, const char *word, model_text *out)
{
    if (!next(p) || !skip_space(p)) {
        return false;
    }
    if (p->token.kind != TEMPLATE_TOKEN_CONSTANT || p->token.value.kind != TEMPLATE_TEXT) {
        return template_fail(p->err, p->token.line, "\"%s\" wants a name in quotes", word);
    }
    *out = p->token.value.text;
    return next(p) && skip_space(p);
}

static bool is_defined(const parser *p, model_text name)
{
    for (const template_definition *known = p->definitions; known != NULL; known = known->next) {
        if (model_text_equal(known->name, name)) {
            return true;
        }
    }
    return false;
}

/* The list up to its "end", where of all variables only "$" is seen. */
static bool parse_definition(parser *p, model_text name)
{
    template_definition *made = ifm_bump_alloc(p->arena, sizeof *made);
    list_end end;
    if (made == NULL) {
        return ifm_bump_check(p->arena, p->err);
    }
    if (is_defined(p, name)) {
        return template_fail(p->err, p->token.line, "\"%.*s\" is defined twice", (int)name.size, name.data);
    }
    const parser outside = *p;
    p->variables = NULL;
    p->variable_count = p->ranges = 0;
    p->in_definition = true;
    made->name = name;
    bool ok = deeper(p) && variable_add(p, model_text_of("$"), &made->dollar) && expect_close(p) &&
              parse_list(p, &made->list, &end) &&
              (end == LIST_END_END ? expect_close(p) : fail_at(p, "an \"end\" is missing"));
    p->variables = outside.variables;
    p->variable_count = outside.variable_count;
    p->ranges = outside.ranges;
    p->in_definition = outside.in_definition;
    p->depth = outside.depth;
    made->next = p->definitions;
    p->definitions = made;
    return ok;
}

static bool parse_define(parser *p)
{
    model_text name;
    if (p->depth > 0 || p->in_definition) {
        return fail_at(p, "\"define\" stands within nothing else");
    }
    return parse_name(p, "define", &name) && parse_definition(p, name);
}

/* "block" is a "define" and a "template" of it. */
static bool parse_call(parser *p, template_list *list, bool defines)
{
    template_node call = {.kind = TEMPLATE_NODE_CALL, .line = p->token.line};
    if (!parse_name(p, defines ? "block" : "template", &call.plain)) {
        return false;
    }
    bool bare = p->token.kind == TEMPLATE_TOKEN_CLOSE && !defines;
    if ((!bare && !parse_pipe(p, TEMPLATE_TOKEN_CLOSE, false, &call.pipe)) ||
        !(defines ? parse_definition(p, call.plain) : expect_close(p))) {
        return false;
    }
    template_node *node = node_add(p, list);
    if (node != NULL) {
        *node = call;
    }
    return node != NULL;
}

static bool parse_words(parser *p, template_list *list, bool *found)
{
    static const struct {
        const char *word;
        template_node_kind kind;
    } blocks[] = {{"if", TEMPLATE_NODE_IF}, {"with", TEMPLATE_NODE_WITH}, {"range", TEMPLATE_NODE_RANGE}};
    *found = true;
    for (size_t i = 0; i < IFM_COUNT_OF(blocks); i++) {
        if (is_word(p, blocks[i].word)) {
            template_node *node = node_add(p, list);
            template_node inner = {.kind = blocks[i].kind};
            bool ok = node != NULL && next(p) && parse_block(p, blocks[i].kind, &inner);
            if (ok) {
                list->nodes[list->count - 1] = inner;
            }
            return ok;
        }
    }
    if (is_word(p, "define")) {
        return parse_define(p);
    }
    if (is_word(p, "template") || is_word(p, "block")) {
        return parse_call(p, list, is_word(p, "block"));
    }
    if (is_word(p, "break") || is_word(p, "continue")) {
        return parse_jump(p, is_word(p, "break") ? TEMPLATE_NODE_BREAK : TEMPLATE_NODE_CONTINUE, list);
    }
    *found = false;
    return true;
}

/* Behind "{{". *over: an "end" or "else". */
static bool parse_action(parser *p, template_list *list, list_end *end, bool *over)
{
    bool found;
    if (!next(p) || !skip_space(p)) {
        return false;
    }
    *over = is_word(p, "end") || is_word(p, "else");
    if (*over) {
        *end = is_word(p, "end") ? LIST_END_END : LIST_END_ELSE;
        return next(p);
    }
    if (!parse_words(p, list, &found) || found) {
        return p->err->code == IFM_OK;
    }
    template_node *node = node_add(p, list);
    if (node == NULL) {
        return false;
    }
    node->kind = TEMPLATE_NODE_ACTION;
    return parse_pipe(p, TEMPLATE_TOKEN_CLOSE, false, &node->pipe) && next(p);
}

static bool parse_list(parser *p, template_list *out, list_end *end)
{
    size_t known = p->variable_count;
    bool over = false;
    while (!over) {
        if (p->token.kind == TEMPLATE_TOKEN_END) {
            *end = LIST_END_FILE;
            break;
        }
        if (p->token.kind == TEMPLATE_TOKEN_PLAIN) {
            template_node *node = node_add(p, out);
            if (node == NULL) {
                return false;
            }
            node->plain = p->token.text;
            if (!next(p)) {
                return false;
            }
        } else if (!parse_action(p, out, end, &over)) {
            return false;
        }
    }
    p->variable_count = known;
    return true;
}

static bool parse_all(parser *p, rules_template *template)
{
    static const char *const names[] = {"$", "$labels", "$externalLabels", "$externalURL", "$value"};
    for (size_t i = 0; i < IFM_COUNT_OF(names); i++) {
        size_t slot;
        if (!variable_add(p, model_text_of(names[i]), &slot)) {
            return false;
        }
    }
    list_end end;
    if (!next(p) || !parse_list(p, &template->list, &end)) {
        return false;
    }
    template->slot_count = p->slot_count;
    template->definitions = p->definitions;
    return end == LIST_END_FILE ||
           fail_at(p, end == LIST_END_END ? "an \"end\" ends nothing" : "an \"else\" belongs to nothing");
}

const rules_template *rules_template_parse(model_text text, ifm_bump *arena, ifm_error *err)
{
    rules_template *template = ifm_bump_alloc(arena, sizeof *template);
    const char *copy = ifm_bump_copy(arena, text.size == 0 ? "" : text.data, text.size);
    if (template == NULL || copy == NULL) {
        ifm_bump_check(arena, err);
        return NULL;
    }
    err->code = IFM_OK;
    parser p = {.arena = arena,
                .err = err,
                .lexer = {.at = copy, .end = copy + text.size, .line = 1, .arena = arena, .err = err}};
    return parse_all(&p, template) ? template : NULL;
}
