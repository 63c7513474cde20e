/* SPDX-License-Identifier: Apache-2.0 */
#define NCURSES_WIDECHAR 1

#include "top/terminal.h"

#include "top/keys.h"
#include "top/rescue.h"
#include "top/state.h"

/* ncurses.h defines words as macros (TRUE, clear, move, ..), so it comes last. */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <term.h>
#include <unistd.h>

#include <ncurses.h>

enum { ESCAPE_DELAY_MS = 25, EMPTY_READS_MAX = 50, FIRST_PAIR = 1 };

struct top_terminal {
    SCREEN *screen;
    FILE *out;
    top_rescue *rescue; /* NULL: there is none */
    bool has_colour;
    char *line; /* of one paint */
    size_t line_size;
    int empty_reads; /* in a row: said to be readable, and no key */
};

typedef struct look {
    short colour; /* -1: that of the terminal */
    attr_t attributes, without_colour;
} look;

/* Without colours a style still tells what must not be overlooked. */
static const look looks[TOP_STYLE_COUNT] = {
    [TOP_PLAIN] = {-1, A_NORMAL, A_NORMAL},
    [TOP_DIM] = {-1, A_DIM, A_DIM},
    [TOP_BOLD] = {-1, A_BOLD, A_BOLD},
    [TOP_TITLE] = {COLOR_CYAN, A_NORMAL, A_UNDERLINE},
    [TOP_KEY] = {COLOR_YELLOW, A_BOLD, A_BOLD},
    [TOP_GOOD] = {COLOR_GREEN, A_NORMAL, A_NORMAL},
    [TOP_WARN] = {COLOR_YELLOW, A_NORMAL, A_BOLD},
    [TOP_BAD] = {COLOR_RED, A_BOLD, A_BOLD | A_REVERSE},
    [TOP_SERIES_1] = {COLOR_GREEN, A_NORMAL, A_NORMAL},
    [TOP_SERIES_2] = {COLOR_YELLOW, A_NORMAL, A_NORMAL},
    [TOP_SERIES_3] = {COLOR_RED, A_NORMAL, A_NORMAL},
    [TOP_SERIES_4] = {COLOR_CYAN, A_NORMAL, A_NORMAL},
    [TOP_SERIES_5] = {COLOR_MAGENTA, A_NORMAL, A_NORMAL},
    [TOP_SERIES_6] = {COLOR_BLUE, A_NORMAL, A_NORMAL},
    [TOP_HEAT_1] = {COLOR_BLUE, A_NORMAL, A_NORMAL},
    [TOP_HEAT_2] = {COLOR_CYAN, A_NORMAL, A_NORMAL},
    [TOP_HEAT_3] = {COLOR_GREEN, A_NORMAL, A_NORMAL},
    [TOP_HEAT_4] = {COLOR_YELLOW, A_NORMAL, A_NORMAL},
    [TOP_HEAT_5] = {COLOR_RED, A_NORMAL, A_NORMAL},
};

static bool check_environment(ifm_error *err)
{
    const char *name = getenv("TERM");
    if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO)) {
        return ifm_error_set(err, IFM_UNSUPPORTED,
                             "the input and output are no terminal; hint: --once prints one frame");
    }
    if (name == NULL || name[0] == '\0' || strcmp(name, "dumb") == 0 || strcmp(name, "unknown") == 0) {
        return ifm_error_set(
            err, IFM_UNSUPPORTED,
            "the terminal is of the kind \"%.40s\" (TERM), which cannot place text; hint: --once "
            "prints one frame",
            name != NULL ? name : "");
    }
    return true;
}

static void start_colours(top_terminal *terminal)
{
    terminal->has_colour = has_colors() && start_color() == OK;
    if (terminal->has_colour) {
        bool has_default = use_default_colors() == OK;
        for (short i = 0; i < TOP_STYLE_COUNT; i++) {
            short colour = looks[i].colour >= 0 || has_default ? looks[i].colour : COLOR_WHITE;
            init_pair((short)(FIRST_PAIR + i), colour, has_default ? -1 : COLOR_BLACK);
        }
    }
}

/* newterm() would not free what it has when it does not know the terminal. */
static bool is_known(const char *name)
{
    int status;
    bool ok = setupterm(name, STDOUT_FILENO, &status) == OK;
    if (ok) {
        del_curterm(cur_term);
    }
    return ok;
}

/* One that this machine does not know by its full name, as "xterm-kitty" after ssh, it may know by the first
 * part: terminals that call themselves so do what that one does. */
static SCREEN *open_screen(void)
{
    char name[64];
    snprintf(name, sizeof name, "%s", getenv("TERM"));
    while (!is_known(name)) {
        char *end = strrchr(name, '-');
        if (end == NULL) {
            return NULL;
        }
        *end = '\0';
    }
    return newterm(name, stdout, stdin);
}

static bool start(top_terminal *terminal, ifm_error *err)
{
    struct termios modes;
    if (tcgetattr(STDIN_FILENO, &modes) != 0) {
        return ifm_error_errno(err, IFM_IO, errno, "could not read the modes of the terminal");
    }
    terminal->screen = open_screen();
    if (terminal->screen == NULL) {
        return ifm_error_set(
            err, IFM_UNSUPPORTED,
            "terminals of the kind \"%.40s\" (TERM) are not known here; hint: TERM=xterm, or "
            "--once, which prints one frame",
            getenv("TERM"));
    }
    set_term(terminal->screen);
    if (cursor_address == NULL) {
        return ifm_error_set(
            err, IFM_UNSUPPORTED,
            "terminals of the kind \"%.40s\" (TERM) cannot place text; hint: --once prints one "
            "frame",
            getenv("TERM"));
    }
    const char *const texts[] = {exit_attribute_mode, keypad_local, cursor_normal, exit_ca_mode};
    terminal->rescue = top_rescue_start(&modes, texts, IFM_COUNT_OF(texts));
    set_escdelay(ESCAPE_DELAY_MS);
    cbreak();
    noecho();
    nonl();
    curs_set(0);
    keypad(stdscr, true);
    nodelay(stdscr, true);
    start_colours(terminal);
    return true;
}

top_terminal *top_terminal_open(ifm_error *err)
{
    if (!check_environment(err)) {
        return NULL;
    }
    top_terminal *terminal = ifm_alloc_zero(1, sizeof *terminal);
    if (terminal == NULL) {
        ifm_error_nomem(err);
        return NULL;
    }
    if (!start(terminal, err)) {
        top_terminal_close(terminal);
        return NULL;
    }
    return terminal;
}

void top_terminal_close(top_terminal *terminal)
{
    if (terminal == NULL) {
        return;
    }
    if (terminal->screen != NULL) {
        endwin();
        top_rescue_stop(terminal->rescue);
        delscreen(terminal->screen);
    }
    ifm_free(terminal->line);
    ifm_free(terminal);
}

void top_terminal_size(const top_terminal *terminal, int *width, int *height)
{
    (void)terminal;
    getmaxyx(stdscr, *height, *width);
}

static void set_style(const top_terminal *terminal, unsigned style, bool has_colour)
{
    const look *as = &looks[(style & ~(unsigned)TOP_REVERSE) % TOP_STYLE_COUNT];
    bool coloured = has_colour && terminal->has_colour;
    attr_t attributes = coloured ? as->attributes : as->without_colour;
    short pair = coloured && as->colour >= 0 ? (short)(FIRST_PAIR + (as - looks)) : 0;
    if ((style & TOP_REVERSE) != 0) { /* of one piece: colours would make patches of it */
        attributes = (attributes & A_BOLD) | A_REVERSE;
        pair = 0;
    }
    attr_set(attributes, pair, NULL);
}

static void paint_line(top_terminal *terminal, const top_screen *screen, int y, bool has_colour)
{
    const top_cell *line = &screen->cells[y * screen->width];
    move(y, 0);
    for (int x = 0; x < screen->width;) {
        size_t size = 0;
        uint8_t style = line[x].style;
        for (; x < screen->width && line[x].style == style; x++) {
            size_t one = strlen(line[x].text);
            memcpy(terminal->line + size, line[x].text, one);
            size += one;
        }
        set_style(terminal, style, has_colour);
        addnstr(terminal->line, (int)size);
    }
}

void top_terminal_paint(top_terminal *terminal, const top_screen *screen, bool has_colour)
{
    size_t need = (size_t)screen->width * TOP_CELL_SIZE + 1;
    if (terminal->line_size < need) {
        char *line = ifm_realloc(terminal->line, need, 1);
        if (line == NULL) {
            return; /* the next time */
        }
        terminal->line = line;
        terminal->line_size = need;
    }
    erase();
    for (int y = 0; y < screen->height; y++) {
        paint_line(terminal, screen, y, has_colour);
    }
    refresh();
}

void top_terminal_forget(top_terminal *terminal)
{
    (void)terminal;
    clearok(curscr, true);
}

static uint32_t function_key(wint_t code)
{
    switch (code) {
    case KEY_UP:
        return TOP_KEY_UP;
    case KEY_DOWN:
        return TOP_KEY_DOWN;
    case KEY_PPAGE:
        return TOP_KEY_PAGE_UP;
    case KEY_NPAGE:
        return TOP_KEY_PAGE_DOWN;
    case KEY_HOME:
        return TOP_KEY_HOME;
    case KEY_END:
        return TOP_KEY_END;
    case KEY_ENTER:
        return TOP_KEY_ENTER;
    case KEY_BACKSPACE:
    case KEY_DC:
        return TOP_KEY_BACKSPACE;
    case KEY_BTAB:
        return TOP_KEY_BACK_TAB;
    case KEY_LEFT:
        return '[';
    case KEY_RIGHT:
        return ']';
    default:
        return 0; /* KEY_RESIZE and others: the screen is drawn anew anyway */
    }
}

static uint32_t character(wint_t code)
{
    switch (code) {
    case '\r':
    case '\n':
        return TOP_KEY_ENTER;
    case '\t':
        return TOP_KEY_TAB;
    case 0x7F:
    case 0x08:
        return TOP_KEY_BACKSPACE;
    default:
        return code < TOP_KEY_UP ? code : 0;
    }
}

/* What ncurses left of an Escape: the key by itself, or a sequence that it does not know. */
static uint32_t escape(void)
{
    top_sequence sequence = {.size = 0};
    wint_t code;
    while (!sequence.is_over && get_wch(&code) == OK) {
        if (!top_sequence_add(&sequence, code)) {
            unget_wch((wchar_t)code);
            break;
        }
    }
    if (sequence.is_over) {
        return top_sequence_key(&sequence);
    }
    if (sequence.size == 1) { /* typed after it */
        unget_wch((wchar_t)sequence.bytes[0]);
    }
    return TOP_KEY_ESCAPE;
}

bool top_terminal_key(top_terminal *terminal, uint32_t *key)
{
    wint_t code;
    int kind = get_wch(&code);
    if (kind == ERR) {
        struct pollfd input = {.fd = STDIN_FILENO, .events = POLLIN};
        terminal->empty_reads = poll(&input, 1, 0) > 0 ? terminal->empty_reads + 1 : 0;
        return false;
    }
    terminal->empty_reads = 0;
    if (kind == OK && code == 0x0C) { /* Ctrl-L */
        top_terminal_forget(terminal);
    }
    *key = kind == KEY_CODE_YES ? function_key(code) : code == 0x1B ? escape() : character(code);
    return true;
}

bool top_terminal_is_gone(const top_terminal *terminal)
{
    struct pollfd input = {.fd = STDIN_FILENO, .events = POLLIN};
    bool hung_up = poll(&input, 1, 0) > 0 && (input.revents & (POLLHUP | POLLERR | POLLNVAL)) != 0;
    return hung_up || terminal->empty_reads > EMPTY_READS_MAX;
}
