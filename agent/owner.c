/* SPDX-License-Identifier: ISC */
/* The owner's requests, in a line or two each: what happened, and what comes next. */
#include <stdlib.h>
#include <string.h>

#include "agent/parent.h"
#include "agent/verbs.h"
#include "host/config.h"

static int status(struct parent *p, const char *how, FILE *out)
{
    struct status s = parent_status(p);

    if (strcmp(how, "json") == 0)
        status_write_json(&s, out);
    else
        status_write_text(&s, out);
    return END_OK;
}

static int override_off(struct parent *p, FILE *out)
{
    struct muster_now now = parent_now(p);
    struct muster_actions actions;
    int error = muster_device_override_off(&p->device, &now, &actions);

    parent_perform(p, &actions);
    if (error == MUSTER_E_NOT_FOUND) {
        fputs("Nothing was overridden, so there is nothing to take back.\n", out);
        return END_PROBLEM;
    }
    fprintf(out,
            "The override is taken back. A report asks now whether anything is known against "
            "%s;\nif so, it may be cut off again. See `muster-agent status`.\n",
            status_name(&p->settings));
    return END_OK;
}

static int say_override_error(int error, FILE *out)
{
    if (error == MUSTER_E_SPACE)
        fputs("Eight overrides stand already. Take them back first: muster-agent override --off\n",
              out);
    else
        fputs("Nothing is known against this device, so there is nothing to override.\n", out);
    return END_PROBLEM;
}

static int override(struct parent *p, const char *how, FILE *out)
{
    struct muster_now now = parent_now(p);
    struct muster_actions actions;
    uint64_t for_s = MUSTER_FOREVER;
    char err[CONFIG_ERR_CAP], left[STATUS_LEFT_CAP];

    if (strcmp(how, "off") == 0)
        return override_off(p, out);
    if (strcmp(how, "always") != 0 &&
        config_u64(how, 1, MUSTER_TIME_MAX, &for_s, err, sizeof err) != 0) {
        fprintf(out, "%s\n", err);
        return END_USAGE;
    }
    int error = muster_device_override(&p->device, &now, for_s, &actions);
    parent_perform(p, &actions);
    if (error != MUSTER_OK)
        return say_override_error(error, out);
    if (for_s == MUSTER_FOREVER)
        fputs("Overridden for good, at your own risk", out);
    else
        fprintf(out, "Overridden for %s of running time, at your own risk",
                status_format_left(for_s, left));
    fprintf(out,
            ": %s is on the internet.\nThe defect is still there; `muster-agent override "
            "--off` takes this back.\n",
            status_name(&p->settings));
    return END_OK;
}

static int report(struct parent *p, const char *how, FILE *out)
{
    struct muster_now now = parent_now(p);
    struct muster_actions actions;

    (void)how;
    if (!muster_device_emits(&p->device)) {
        fputs("Reports are switched off. Set `emit = yes` in agent.ini, and run `muster-agent emit "
              "on` if it was\nswitched off by that command.\n",
              out);
        return END_PROBLEM;
    }
    muster_device_report(&p->device, &now, &actions);
    parent_perform(p, &actions);
    if (p->attach.families == 0)
        fputs("There is no network with a gateway now; the report goes out when there is one.\n",
              out);
    else
        fputs("The report goes out now. What comes back is in `muster-agent status` within half a "
              "minute.\n",
              out);
    return END_OK;
}

/* agent.ini has the last word: what it switches off, this cannot switch on. */
static int emit(struct parent *p, const char *how, FILE *out)
{
    struct muster_now now = parent_now(p);
    struct muster_actions actions;
    bool on = strcmp(how, "on") == 0;

    if (!on && strcmp(how, "off") != 0)
        return END_USAGE;
    muster_device_set_emit(&p->device, &now, on, &actions);
    parent_perform(p, &actions);
    half_settle(p);
    if (p->state.error != 0) {
        fprintf(out, "%s: %s; this holds only until the agent is started again\n", p->state.path,
                strerror(-p->state.error));
        return END_PROBLEM;
    }
    if (on && !p->settings.emit) {
        fputs("agent.ini says `emit = no`; set it to yes and reload the agent.\n", out);
        return END_PROBLEM;
    }
    fputs(on ? "Reports are on; the first goes out now.\n"
             : "Reports are off, and nothing known is enforced any more. `muster-agent emit on` "
               "takes this back.\n",
          out);
    return END_OK;
}

static int reset(struct parent *p, const char *how, FILE *out)
{
    struct muster_now now = parent_now(p);
    struct muster_actions actions;

    (void)how;
    muster_device_factory_reset(&p->device, &now, &actions);
    parent_perform(p, &actions);
    half_settle(p);
    fputs(
        "Overrides and verdicts are forgotten, as by a factory reset; what is known of signers is "
        "kept.\n",
        out);
    return END_OK;
}

int owner_answer(void *ctx, const char *request, FILE *out)
{
    static const struct {
        const char *name;
        int (*answer)(struct parent *p, const char *how, FILE *out);
    } requests[] = {{"status", status},
                    {"override", override},
                    {"report", report},
                    {"emit", emit},
                    {"reset", reset}};
    const char *how = strchr(request, ' ');
    size_t len = how == NULL ? strlen(request) : (size_t)(how - request);

    for (size_t i = 0; i < sizeof requests / sizeof *requests; i++)
        if (strlen(requests[i].name) == len && memcmp(requests[i].name, request, len) == 0)
            return requests[i].answer(ctx, how == NULL ? "" : how + 1, out);
    fputs("This agent does not know that request; is it of another version?\n", out);
    return END_USAGE;
}
