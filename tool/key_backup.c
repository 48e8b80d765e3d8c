/* SPDX-License-Identifier: ISC */
/* muster key backup: a key file as a page to print. It must not leave the secret where others can
 * read it, nor open a locked one. */
#include <getopt.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "host/clock.h"
#include "host/file.h"
#include "host/hex.h"
#include "tool/key_show.h"
#include "tool/paper.h"
#include "tool/qr.h"
#include "tool/token.h"
#include "tool/verbs.h"

struct backup_options {
    const char *key, *passphrase_file, *out;
    bool as_svg;
};

struct page {
    const char *name; /* of the key */
    uint8_t key[KEYFILE_KEY_LEN];
    uint64_t now_s;
    bool locked;
    struct paper paper;
};

static void write_head(FILE *out, const struct page *p)
{
    char hex[2 * KEYFILE_KEY_LEN + 1], when[CLOCK_TEXT_CAP];

    fprintf(out, "MUSTER KEY BACKUP\n\n");
    fprintf(out, "key          %s\n", SAFE(p->name));
    fprintf(out, "public key   %s\n", hex_encode(hex, p->key, sizeof p->key));
    fprintf(out, "made         %s\n\n", clock_format(when, p->now_s));
    if (p->locked)
        fprintf(out,
                "This page is a SECRET key, locked with a passphrase that is not on it: without\n"
                "the passphrase it is of no use to anybody, you included. Keep both, apart.\n\n");
    else
        fprintf(out,
                "This page is a SECRET key, NOT LOCKED: whoever reads it can sign in your name.\n"
                "Keep it as you would keep the key.\n\n");
}

static void write_how(FILE *out, const struct page *p)
{
    const char *name = SAFE(p->name);

    fprintf(
        out,
        "To restore it, on a machine that is offline: type the lines below that begin with a\n"
        "number and \"/\" into a text file, as they stand (small letters and other spacing are\n"
        "fine; there is no 0, 1, I or O), and give that file to\n\n"
        "    muster key restore FILE -o %s\n\n"
        "which names the line that is wrong, if one is. Or give what a scanner reads from the\n"
        "code to\n\n"
        "    muster key restore - -o %s\n\n"
        "Then compare the public key with the one above.\n\n",
        name, name);
}

static void write_lines(FILE *out, const struct page *p)
{
    char line[PAPER_LINE_CAP];
    size_t i;

    for (i = 1; i <= paper_lines_n(&p->paper); i++)
        fprintf(out, "    %s\n", paper_line(&p->paper, i, line));
    fputc('\n', out);
    sodium_memzero(line, sizeof line);
}

static void write_text(FILE *out, const struct page *p)
{
    write_head(out, p);
    write_how(out, p);
    write_lines(out, p);
}

static void write_svg_line(FILE *out, const char *line, size_t len, unsigned y_mm)
{
    size_t i;

    fprintf(out, "<text x=\"15\" y=\"%u\" xml:space=\"preserve\">", y_mm);
    for (i = 0; i < len; i++)
        if (line[i] == '&')
            fputs("&amp;", out);
        else if (line[i] == '<')
            fputs("&lt;", out);
        else
            fputc(line[i], out);
    fputs("</text>\n", out);
}

/* One A4 page in millimetres: the text, and the code below it. */
static int write_svg(FILE *out, const struct page *p)
{
    char *text = NULL, *at, code[PAPER_CODE_CAP];
    unsigned y_mm = 20;
    size_t len = 0;
    FILE *memory = open_memstream(&text, &len);
    int ret;

    if (memory == NULL)
        return -1;
    write_text(memory, p);
    if (fclose(memory) != 0) {
        free(text);
        return -1;
    }
    fputs("<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"210mm\" height=\"297mm\" "
          "viewBox=\"0 0 210 297\" font-family=\"monospace\" font-size=\"3.4\">\n",
          out);
    for (at = text; *at != '\0'; at += strcspn(at, "\n") + 1, y_mm += 5)
        write_svg_line(out, at, strcspn(at, "\n"), y_mm);
    ret = qr_draw_svg(out, paper_code(&p->paper, code), 15, y_mm, 90);
    fputs("</svg>\n", out);
    sodium_memzero(code, sizeof code);
    sodium_memzero(text, len);
    free(text);
    return ret;
}

static int write_page(FILE *out, const struct page *p, bool as_svg)
{
    char code[PAPER_CODE_CAP];
    int ret;

    if (as_svg)
        return write_svg(out, p);
    write_text(out, p);
    ret = qr_draw_text(out, paper_code(&p->paper, code));
    sodium_memzero(code, sizeof code);
    return ret;
}

/* A page on standard output must not end in a file that others can read. */
static int check_stdout(void)
{
    struct stat info;

    if (isatty(STDOUT_FILENO))
        log_warn(
            "what follows is the secret key: clear the terminal and its scrollback afterwards");
    else if (fstat(STDOUT_FILENO, &info) == 0 && S_ISREG(info.st_mode) && (info.st_mode & 077) != 0)
        return cli_error("standard output is a file that others can read; use -o PAGE");
    return 0;
}

static int put_page(const struct backup_options *o, const char *bytes, size_t len)
{
    int ret;

    if (o->out == NULL)
        return fwrite(bytes, 1, len, stdout) == len
                   ? STATUS_OK
                   : cli_error("standard output cannot be written");
    ret = file_write_new(o->out, bytes, len, 0600);
    if (ret != 0)
        return cli_error("%s: %s; nothing was written", SAFE(o->out), strerror(-ret));
    printf("%s: a SECRET; print it, see that it reads back (muster key restore %s -o FILE), and "
           "remove it\n",
           SAFE(o->out), SAFE(o->out));
    return STATUS_OK;
}

static int print_page(const struct backup_options *o, const struct page *p)
{
    char *bytes = NULL;
    size_t len = 0;
    FILE *memory = open_memstream(&bytes, &len);
    int ret, status;

    if (memory == NULL)
        return cli_error("out of memory");
    ret = write_page(memory, p, o->as_svg);
    if (fclose(memory) != 0 || ret != 0)
        status = cli_error("out of memory");
    else
        status = put_page(o, bytes, len);
    if (bytes != NULL)
        sodium_memzero(bytes, len);
    free(bytes);
    return status;
}

/* Out of the secret, or, to leave that locked, of the file beside it. */
static int find_public_key(const struct backup_options *o, bool locked, uint8_t *ret_key)
{
    char pub[4096];

    if (locked && snprintf(pub, sizeof pub, "%s.pub", o->key) < (int)sizeof pub &&
        access(pub, F_OK) == 0)
        return key_show_load(pub, NULL, ret_key);
    return key_show_load(o->key, o->passphrase_file, ret_key);
}

static int back_up(const struct backup_options *o)
{
    const char *slash = strrchr(o->key, '/');
    struct page page = {.name = slash != NULL ? slash + 1 : o->key, .now_s = clock_wall_s()};
    struct keyfile_content content;
    char err[1024];
    int status = STATUS_ERROR;

    if (keyfile_read_content(o->key, &content, err, sizeof err) != 0)
        return cli_error("%s", err);
    page.locked = content.locked;
    if (find_public_key(o, content.locked, page.key) == 0) {
        paper_from_key(&content, page.key, &page.paper);
        status = print_page(o, &page);
    }
    sodium_memzero(&content, sizeof content);
    sodium_memzero(&page, sizeof page);
    return status;
}

static int run(int argc, char **argv)
{
    static const struct option options[] = {{"out", required_argument, NULL, 'o'},
                                            {"passphrase-file", required_argument, NULL, 'p'},
                                            {"svg", no_argument, NULL, 's'},
                                            {NULL, 0, NULL, 0}};
    struct backup_options o = {.key = NULL};
    int option;

    while ((option = getopt_long(argc, argv, "o:", options, NULL)) != -1) {
        if (option == '?')
            return cli_usage(&verb_key_backup, NULL);
        if (option == 's')
            o.as_svg = true;
        else
            *(option == 'o' ? &o.out : &o.passphrase_file) = optarg;
    }
    if (argc - optind != 1)
        return cli_usage(&verb_key_backup, "one FILE is needed");
    o.key = argv[optind];
    if (token_is_uri(o.key))
        return cli_error("a key in a token cannot be read out of it; have a second signer, or make "
                         "the key in a file");
    if (o.out == NULL && check_stdout() != 0)
        return STATUS_ERROR;
    return back_up(&o);
}

const struct verb verb_key_backup = {
    "key backup", run, "a page to print that holds a secret key",
    "FILE [-o PAGE] [--svg] [--passphrase-file FILE]",
    "  -o, --out PAGE          write the page there (mode 0600), where nothing may be; else to\n"
    "                          standard output\n"
    "  --svg                   as an SVG picture, not as text\n"
    "  --passphrase-file FILE  of a locked key whose FILE.pub is not beside it\n"
    "\n"
    "The page holds the key as numbered lines, each with a check, and as a QR code. A locked key\n"
    "stays locked. muster key restore reads it back.\n"};
