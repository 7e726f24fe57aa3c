/* simulate/mail_play.c — one exchange of mails: a subject, a first mail, answers that quote it, people in copy.
 *
 * A scene is "S: subject // A: … // B?: "
     "…"; X is somebody outside (a customer, a supplier). '~' divides paragraphs. */
#include "simulate/simulate_int.h"

#include <stdio.h>

#define TURNS_MAX 8
#define QUOTE_BYTES_MAX 3000

typedef struct exchange {
    ut_sim *sim;
    ut_rng *rng;
    ut_sim_talk talk;
    int person, partner, outsider; /* A, B, X */
    int list;
    int copies[6];
    int copy_count;
    ut_str subject;
    uint64_t ids[TURNS_MAX];
    int count;
    ut_str last_text, last_quoted; /* of the mail before, in the scratch arena */
    ut_str last_name, last_email;
    int64_t last_us;
    int last_zone;
} exchange;

ut_sim_mail *ut_sim__mail_add(ut_sim *sim, const ut_sim_mail *mail)
{
    ut_sim_bucket *bucket = ut_sim__bucket(sim, mail->at_us);
    if (!bucket) {
        return NULL;
    }
    ut_sim_mail *copy = ut_new(&bucket->arena, ut_sim_mail, 1);
    uint64_t *references = ut_new(&bucket->arena, uint64_t, (size_t)mail->reference_count + 1);
    if (!copy || !references) {
        ut_sim__fail(sim, UT_LIMIT, "a day's mails do not fit into its arena");
        return NULL;
    }
    *copy = *mail;
    if (mail->reference_count) {
        memcpy(references, mail->references, (size_t)mail->reference_count * sizeof *references);
    }
    copy->references = references;
    copy->subject = ut_arena_copy(&bucket->arena, mail->subject);
    copy->text = ut_arena_copy(&bucket->arena, mail->text);
    copy->quoted = ut_arena_copy(&bucket->arena, mail->quoted);
    copy->seq = sim->seq++;
    copy->next = bucket->mails;
    bucket->mails = copy;
    bucket->mail_count++;
    return copy;
}

static void put_paragraphs(ut_buf *to, ut_str text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] == '~') {
            while (to->len && to->ptr[to->len - 1] == ' ') {
                to->len--;
            }
            ut_buf_puts(to, "\n\n");
            i += i + 1 < text.len && text.ptr[i + 1] == ' ';
        } else {
            ut_buf_byte(to, text.ptr[i]);
        }
    }
}

static const char *attribution_of(int lang, uint64_t pick)
{
    if (lang == LANG_DE) {
        return "de";
    }
    return lang == LANG_ES ? "es" : pick % 10 == 0 ? "outlook" : "on";
}

static void put_attribution(ut_buf *to, const exchange *x, const char *form)
{
    static const char *const days[] = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
    static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov",
                                         "Dec"};
    int64_t local = x->last_us + ut_sim__zone_offset_min(x->last_zone, x->last_us) * UT_MINUTE_US;
    int64_t year, minute = local % UT_DAY_US / UT_MINUTE_US;
    int month, day;
    ut_time_civil_of(local / UT_DAY_US, &year, &month, &day);
    int hour = (int)(minute / 60), min = (int)(minute % 60);
    if (form[0] == 'd') {
        ut_buf_format(to, "Am %02d.%02d.%d um %02d:%02d schrieb " UT_STR_FMT ":\n", day, month, (int)year, hour, min,
                      UT_STR_ARG(x->last_name));
    } else if (form[0] == 'e') {
        ut_buf_format(to, "El %d/%d/%d a las %d:%02d, " UT_STR_FMT " escribió:\n", day, month, (int)year, hour, min,
                      UT_STR_ARG(x->last_name));
    } else {
        ut_buf_format(to, "On %s, %d %s %d at %02d:%02d, " UT_STR_FMT " <" UT_STR_FMT "> wrote:\n",
                      days[ut_time_weekday(local / UT_DAY_US)], day, months[month - 1], (int)year, hour, min,
                      UT_STR_ARG(x->last_name), UT_STR_ARG(x->last_email));
    }
}

/* The mail answered, as mail programs quote it. In the scratch arena. */
static ut_str quote_last(exchange *x, int lang, uint64_t habit)
{
    ut_buf *to = &x->sim->part;
    const char *form = attribution_of(lang, habit);
    ut_buf_clear(to);
    if (form[0] == 'o' && form[1] == 'u') {
        ut_buf_format(to, "-----Original Message-----\nFrom: " UT_STR_FMT " <" UT_STR_FMT ">\nSubject: "
                      "" UT_STR_FMT "\n\n",
                      UT_STR_ARG(x->last_name), UT_STR_ARG(x->last_email), UT_STR_ARG(x->subject));
        ut_buf_put(to, x->last_text);
        return ut_arena_copy(&x->sim->scratch, ut_buf_str(to));
    }
    put_attribution(to, x, form);
    ut_str parts[2] = {x->last_text, x->last_quoted};
    for (int i = 0; i < 2; i++) {
        ut_str line;
        if (i == 1 && parts[i].len) {
            ut_buf_puts(to, ">\n");
        }
        while (to->len < QUOTE_BYTES_MAX && ut_str_line(&parts[i], &line)) {
            ut_buf_puts(to, line.len && line.ptr[0] == '>' ? ">" : line.len ? "> " : ">");
            ut_buf_put(to, line);
            ut_buf_byte(to, '\n');
        }
    }
    return ut_arena_copy(&x->sim->scratch, ut_buf_str(to));
}

/* "Hi Nora," … "Best, Tom" and the signature, by habit; later mails of an exchange do with less. */
static void put_frame(exchange *x, ut_buf *to, ut_str body, uint64_t taste)
{
    ut_sim_talk *talk = &x->talk;
    bool first = x->count == 0;
    ut_buf_clear(to);
    if (first || ut_sim__chance(x->rng, 550)) {
        (void)ut_sim__expand_symbol(talk, to, UT_STR("greeting"), 0);
        ut_buf_puts(to, "\n\n");
    }
    put_paragraphs(to, body);
    if (first || ut_sim__chance(x->rng, 650)) {
        ut_buf_puts(to, "\n\n");
        (void)ut_sim__expand_symbol(talk, to, UT_STR("signoff"), 0);
        ut_buf_byte(to, '\n');
        (void)ut_sim__builtin(talk, to, UT_STR("me"));
    }
    ut_buf_byte(to, '\n');
    if (talk->me >= 0 && taste % 100 < 40) {
        const ut_sim_person *p = &x->sim->people[talk->me];
        ut_buf_format(to, "\n-- \n" UT_STR_FMT "\n" UT_STR_FMT, UT_STR_ARG(p->name), UT_STR_ARG(p->role));
        ut_buf_format(to, taste & 1 ? ", " UT_STR_FMT "\n" : " | " UT_STR_FMT "\n", UT_STR_ARG(x->sim->company));
        if (taste % 7 == 0) {
            ut_buf_puts(to, "This message is confidential and intended for the addressee only. If you received it in "
                        "error,\n"
                            "please delete it and let the sender know.\n");
        }
    }
}

static void add_mail_feeling(exchange *x, ut_buf *text, bool outside)
{
    int feature = x->talk.features ? -1 : ut_sim__feel(x->sim, x->talk.me, outside ? 300 : 850, x->rng);
    if (feature < 0) {
        return;
    }
    ut_buf_puts(text, ut_sim__chance(x->rng, 600) ? " ~ " : " ");
    ut_sim__put_feeling(&x->talk, text, feature);
    if (ut_sim__chance(x->rng, 300)) {
        ut_buf_byte(text, ' ');
        ut_sim__put_feeling(&x->talk, text, feature);
    }
}

static void address(exchange *x, ut_sim_mail *mail, char role)
{
    bool outside = x->outsider >= 0;
    int first = role == 'A' ? (outside ? -1 - x->outsider : x->partner) : x->person;
    mail->to[mail->to_count++] = first;
    mail->primary_count = 1;
    for (int i = 0; i < x->copy_count; i++) {
        mail->to[mail->to_count++] = x->copies[i];
    }
    mail->list = role == 'X' ? -1 : x->list;
}

static ut_str write_text(exchange *x, const ut_sim_turn *turn)
{
    ut_sim *sim = x->sim;
    uint64_t taste = x->talk.me >= 0 ? sim->people[x->talk.me].voice.taste : 0;
    ut_buf_clear(&sim->text);
    ut_buf_clear(&sim->styled);
    ut_sim__expand(&x->talk, &sim->text, turn->text, 0);
    if (x->talk.me >= 0) {
        add_mail_feeling(x, &sim->text, x->outsider >= 0);
        ut_sim__style(&x->talk, &sim->styled, ut_buf_str(&sim->text), MEDIUM_MAIL);
    } else {
        ut_buf_put(&sim->styled, ut_buf_str(&sim->text));
    }
    ut_str body = ut_arena_copy(&sim->scratch, ut_buf_str(&sim->styled));
    put_frame(x, &sim->part, body, taste);
    return ut_arena_copy(&sim->scratch, ut_buf_str(&sim->part));
}

static void send(exchange *x, const ut_sim_turn *turn, int64_t at_us)
{
    ut_sim *sim = x->sim;
    bool outside = turn->role == 'X';
    const ut_sim_person *me = outside ? NULL : &sim->people[x->talk.me];
    x->talk.features = 0;
    ut_sim_mail mail = {.at_us = at_us - at_us % UT_SECOND_US, .form = outside ? MAIL_OUTSIDE : MAIL_PERSON,
                        .author = outside ? x->outsider : x->talk.me, .list = -1};
    mail.zone = outside ? (int)(ut_hash_u64((uint64_t)x->outsider) % 3) : me->zone;
    mail.id = ut_rng_u64(x->rng);
    mail.references = x->ids;
    mail.reference_count = x->count;
    address(x, &mail, turn->role);
    ut_str text = write_text(x, turn);
    uint64_t habit = outside ? 3 : me->voice.taste >> 9;
    /* One in ten answers without quoting. */
    mail.quoted = x->count && !ut_sim__chance(x->rng, 100) ? quote_last(x, outside ? 0 : me->voice.lang, habit)
        : (ut_str){0};
    mail.quote_first = habit % 12 == 1;
    mail.text = text;
    mail.features = x->talk.features;
    char prefix[8] = "";
    if (x->count) {
        (void)snprintf(prefix, sizeof prefix, "%s", !outside && me->voice.lang == LANG_DE ? "AW: " : "Re: ");
    }
    mail.subject = ut_arena_format(&sim->scratch, "%s" UT_STR_FMT, prefix, UT_STR_ARG(x->subject));
    if (ut_sim__mail_add(sim, &mail)) {
        x->ids[x->count++] = mail.id;
        x->last_text = text;
        x->last_quoted = mail.quoted;
        x->last_name = outside ? sim->outsiders[x->outsider].name : me->name;
        x->last_email = outside ? sim->outsiders[x->outsider].email : me->email;
        x->last_us = mail.at_us;
        x->last_zone = mail.zone;
    }
}

/* A colleague on leave answers by machine. */
static void out_of_office(exchange *x, int person, int64_t at_us)
{
    ut_sim *sim = x->sim;
    if (person < 0 || !sim->today[person].away || !ut_sim__chance(x->rng, 600) || x->count == 0) {
        return;
    }
    ut_sim_talk talk = {.sim = sim, .rng = x->rng, .me = person, .you = x->person, .third = -1, .day = sim->day,
                        .variant = sim->people[person].voice.lang == LANG_DE ? "de" : NULL};
    ut_buf_clear(&sim->text);
    (void)ut_sim__expand_symbol(&talk, &sim->text, UT_STR("out_of_office"), 0);
    ut_buf_clear(&sim->part);
    put_paragraphs(&sim->part, ut_buf_str(&sim->text));
    ut_sim_mail mail = {.at_us = at_us + 4 * UT_SECOND_US, .form = MAIL_OUT_OF_OFFICE, .author = person, .list = -1,
                        .zone = sim->people[person].zone, .to = {x->person}, .to_count = 1, .primary_count = 1,
                        .id = ut_rng_u64(x->rng), .references = x->ids, .reference_count = 1};
    mail.at_us -= mail.at_us % UT_SECOND_US;
    mail.text = ut_arena_copy(&sim->scratch, ut_buf_str(&sim->part));
    mail.subject = ut_arena_format(&sim->scratch, "Automatic reply: " UT_STR_FMT, UT_STR_ARG(x->subject));
    (void)ut_sim__mail_add(sim, &mail);
}

static void pick_copies(exchange *x)
{
    const ut_sim *sim = x->sim;
    int wanted = ut_sim__chance(x->rng, 450) ? ut_sim__range(x->rng, 1, 4) : 0;
    for (int i = 0; i < wanted; i++) {
        int who = ut_sim__partner(sim, x->person, x->rng, false);
        bool twice = who < 0 || who == x->partner || who == x->person || sim->people[who].missing & MISSING_MAIL;
        for (int n = 0; n < x->copy_count; n++) {
            twice = twice || x->copies[n] == who;
        }
        if (!twice) {
            x->copies[x->copy_count++] = who;
        }
    }
}

/* Somebody of the team who is away gets a mail all the same, now and then; that is how out-of-office answers come. */
static int maybe_absent(const ut_sim *sim, int person, ut_rng *rng)
{
    const ut_sim_person *p = &sim->people[person];
    int who = p->contact_count ? p->contacts[ut_rng_below(rng, (uint64_t)p->contact_count)] : -1;
    return who >= 0 && sim->today[who].away && !(sim->people[who].missing & MISSING_MAIL) ? who : -1;
}

static const char *pick_mail_scene(exchange *x)
{
    const ut_sim *sim = x->sim;
    ut_sim_kind kind = sim->teams[ut_sim__team_of(sim, x->person, sim->day)].kind;
    bool front = kind == KIND_SUPPORT || kind == KIND_SALES || kind == KIND_FINANCE;
    if (ut_sim__chance(x->rng, front ? 480 : 70)) {
        x->outsider = (int)ut_rng_below(x->rng, sim->outsider_count);
        x->talk.outsider = sim->outsiders[x->outsider].first;
        ut_sim__bind(&x->talk, "Customer", sim->outsiders[x->outsider].company);
        return "mail_outside";
    }
    if (x->partner >= 0 && x->partner == sim->today[x->person].conflict && ut_sim__chance(x->rng, 500)) {
        return "mail_conflict";
    }
    if (ut_sim__chance(x->rng, 120)) {
        x->list = ut_sim__team_of(sim, x->person, sim->day);
        return "mail_list";
    }
    return ut_sim__chance(x->rng, 450) ? "mail_team" : "mail_work";
}

static void play_exchange(exchange *x, ut_str script)
{
    ut_sim *sim = x->sim;
    int64_t at_us = ut_sim__moment(sim, x->person, sim->day, x->rng);
    ut_sim_turn turn;
    while (x->count < TURNS_MAX && ut_sim__turn_next(&script, &turn)) {
        if (turn.role == 'S') {
            ut_buf_clear(&sim->text);
            x->talk.me = x->person;
            ut_sim__expand(&x->talk, &sim->text, turn.text, 0);
            x->subject = ut_arena_copy(&sim->scratch, ut_buf_str(&sim->text));
            continue;
        }
        if (turn.optional && ut_sim__chance(x->rng, 400)) {
            continue;
        }
        x->talk.me = turn.role == 'A' ? x->person : turn.role == 'B' ? x->partner : -1;
        x->talk.you = turn.role != 'A' ? x->person : x->outsider >= 0 ? -1 : x->partner;
        if (x->count && turn.role == 'X') {
            at_us += (int64_t)ut_sim__range(x->rng, 20, 400) * UT_MINUTE_US;
        } else if (x->count) {
            at_us = ut_sim__answer_at(sim, x->talk.me, at_us + 4 * UT_MINUTE_US, x->rng);
            if (at_us == 0 || ut_sim__chance(x->rng, sim->today[x->talk.me].drop * 2)) {
                return;
            }
        }
        if (turn.role == 'X') {
            x->talk.outsider = sim->outsiders[x->outsider].first;
        }
        int before = x->count;
        send(x, &turn, at_us);
        if (x->count == before) {
            return;
        }
        if (x->count == 1 && turn.role == 'A' && x->partner >= 0 && sim->today[x->partner].away) {
            out_of_office(x, x->partner, at_us);
            return;
        }
    }
}

void ut_sim__mail_play(ut_sim *sim, int person, ut_rng *rng)
{
    exchange x = {.sim = sim, .rng = rng, .person = person, .outsider = -1, .list = -1};
    ut_arena_reset(&sim->scratch);
    x.partner = maybe_absent(sim, person, rng);
    for (int tries = 0; tries < 4 && x.partner < 0; tries++) {
        int pick = ut_sim__partner(sim, person, rng, true);
        x.partner = pick >= 0 && !(sim->people[pick].missing & MISSING_MAIL) ? pick : -1;
    }
    if (x.partner < 0) {
        return;
    }
    int team = ut_sim__team_of(sim, person, sim->day);
    x.talk = (ut_sim_talk){.sim = sim, .rng = rng, .me = person, .you = x.partner, .third = -1, .team = team,
                           .kind = sim->teams[team].kind, .day = sim->day};
    int lang = sim->people[person].voice.lang;
    bool foreign = lang && sim->people[x.partner].voice.lang == lang && ut_sim__chance(rng, 700);
    const char *name = "mail";
    if (foreign) {
        x.talk.variant = lang == LANG_DE ? "de" : "es";
    } else {
        name = pick_mail_scene(&x);
    }
    x.talk.third = ut_sim__partner(sim, person, rng, false);
    if (x.outsider < 0) {
        pick_copies(&x);
    }
    play_exchange(&x, ut_sim__pick(&x.talk, ut_str_of(name)));
}

static void notice(ut_sim *sim, int number, ut_sim_mail_form form, const char *scene, ut_rng *rng)
{
    exchange x = {.sim = sim, .rng = rng, .outsider = -1, .list = -1};
    ut_arena_reset(&sim->scratch);
    x.talk = (ut_sim_talk){.sim = sim, .rng = rng, .me = -1, .you = -1, .third = -1, .kind = KIND_PLATFORM,
                           .day = sim->day,
                           .outsider = UT_STR("all")};
    ut_str script = ut_sim__pick(&x.talk, ut_str_of(scene));
    ut_sim_turn subject, body;
    bool whole = ut_sim__turn_next(&script, &subject) && ut_sim__turn_next(&script, &body);
    UT_ASSERT(whole);
    ut_buf_clear(&sim->text);
    ut_sim__expand(&x.talk, &sim->text, subject.text, 0);
    x.subject = ut_arena_copy(&sim->scratch, ut_buf_str(&sim->text));
    ut_buf_clear(&sim->text);
    ut_sim__expand(&x.talk, &sim->text, body.text, 0);
    ut_buf_clear(&sim->part);
    put_paragraphs(&sim->part, ut_buf_str(&sim->text));
    ut_buf_byte(&sim->part, '\n');
    ut_sim_mail mail = {.form = form, .author = number, .list = -1, .id = ut_rng_u64(rng), .subject = x.subject,
                        .text = ut_buf_str(&sim->part)};
    mail.at_us = sim->day * UT_DAY_US + (int64_t)ut_sim__range(rng, 18000, 72000) * UT_SECOND_US;
    int wanted = form == MAIL_NEWSLETTER ? 6 : 2;
    for (int i = 0; i < wanted; i++) {
        mail.to[mail.to_count++] = (int)ut_rng_below(rng, sim->people_count);
    }
    mail.primary_count = mail.to_count;
    (void)ut_sim__mail_add(sim, &mail);
}

void ut_sim__notices_play(ut_sim *sim)
{
    ut_rng rng = ut_sim__rng(sim, "notices", 0, (uint64_t)sim->day);
    bool weekend = ut_time_weekday(sim->day) > 4;
    int count = ut_sim__range(&rng, 1, weekend ? 4 : 4 + (int)sim->people_count / 4);
    for (int i = 0; i < count && sim->failed == UT_OK; i++) {
        static const char *const scenes[] = {"notice_builds", "notice_tracker", "notice_backup", "notice_newsletter"};
        int number = (int)ut_rng_below(&rng, weekend ? 3 : 4);
        notice(sim, number, number == 3 ? MAIL_NEWSLETTER : MAIL_NOTICE, scenes[number], &rng);
    }
}
