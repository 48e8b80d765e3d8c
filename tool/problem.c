/* SPDX-License-Identifier: ISC */
/* The problems' one printer. It must not decide what follows from a problem. */
#include "tool/problem.h"

#include <stdarg.h>

#include "host/json.h"
#include "tool/cli.h"

#define MESSAGE_CAP 2048

static bool is_shown(const struct problems *problems)
{
    return problems->out != NULL &&
           (problems->shows_all || problems->n + problems->warnings_n <= PROBLEMS_SHOWN_MAX);
}

static void print_text(FILE *out, struct problem_at at, const char *severity, const char *message,
                       const char *rule)
{
    fputs(SAFE(at.path), out);
    if (at.line > 0)
        fprintf(out, ":%zu", at.line);
    fprintf(out, ": %s: ", severity);
    if (at.place != NULL)
        fprintf(out, "%s: ", at.place);
    fputs(message, out);
    if (rule != NULL)
        fprintf(out, " [%s]", rule);
    fputc('\n', out);
}

static void print_json(FILE *out, struct problem_at at, const char *severity, const char *message,
                       const char *rule)
{
    struct json json = {.out = out};

    json_open_object(&json, NULL);
    json_key_text(&json, "file", at.path);
    json_key_u64(&json, "line", at.line);
    json_key_text(&json, "place", at.place);
    json_key_text(&json, "rule", rule);
    json_key_text(&json, "severity", severity);
    json_key_text(&json, "message", message);
    json_close(&json);
}

void problem_add(struct problems *problems, enum rule rule, struct problem_at at, const char *fmt,
                 ...)
{
    bool error = rule_is_error(rule);
    char message[MESSAGE_CAP];
    va_list args;

    if (!error && !problems->warns)
        return;
    problems->last = rule;
    if (error)
        problems->n++;
    else
        problems->warnings_n++;
    if (problems->out != NULL && !problems->shows_all &&
        problems->n + problems->warnings_n == PROBLEMS_SHOWN_MAX + 1)
        fputs("... and more\n", problems->out);
    if (!is_shown(problems))
        return;
    va_start(args, fmt);
    (void)vsnprintf(message, sizeof message, fmt, args);
    va_end(args);
    (problems->as_json ? print_json : print_text)(problems->out, at, error ? "error" : "warning",
                                                  message, rule_name(rule));
}

void problem_note(const struct problems *problems, struct problem_at at, const char *fmt, ...)
{
    char message[MESSAGE_CAP];
    va_list args;

    if (!is_shown(problems) || (!rule_is_error(problems->last) && !problems->warns))
        return;
    va_start(args, fmt);
    (void)vsnprintf(message, sizeof message, fmt, args);
    va_end(args);
    if (problems->as_json)
        print_json(problems->out, at, "note", message, rule_name(problems->last));
    else
        print_text(problems->out, at, "note", message, NULL);
}
