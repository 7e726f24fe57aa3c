#!/usr/bin/env python3
"""Erases a person and looks for what is left of them, byte by byte.

    tests/privacy/erasure.py UNDERTONE UNDERTONE_INSPECT

UNDERTONE_INSPECT is the test-only program that seals without encrypting. With it, the test first proves that it finds the
person's address, name, pseudonym and rare words of theirs in the files of a workspace and of its backup; then it erases them
and must find nothing, also after the same exports were read again. The normal program goes the same way; there keys and rows
must be gone, and the backup must still verify. In both, every value of everybody else must stay as it was, from the lake as
it is and from one made anew; figures of groups stay, or are withheld.
"""
import base64
import csv
import io
import json
import os
import sqlite3
import subprocess
import sys
import tempfile

passed = failed = 0

RARE = 'quarkzipple', 'velvet turnstile', 'Donaudampfschifffahrtskapitaen', 'blimpwort'
EXTERNAL = 'greta.outside@elsewhere.example'


def check(what, good, detail=''):
    global passed, failed
    if good:
        passed += 1
    else:
        failed += 1
        print('erasure: %s: not so %s' % (what, str(detail)[:600]))
    return good


class Run:
    """One program and one workspace."""

    def __init__(self, program, folder):
        self.program, self.folder = program, folder
        self.ws = os.path.join(folder, 'ws')
        self.backup = os.path.join(folder, 'backup')

    def call(self, *args, want=0):
        done = subprocess.run([self.program, *args, '--workspace', self.ws], capture_output=True,
                              stdin=subprocess.DEVNULL)
        check('undertone %s' % ' '.join(args)[:80], done.returncode == want, done.stderr.decode() + done.stdout.decode())
        return done.stdout.decode()

    def owner(self, sql):
        return self.call('sql', sql, '--as', 'owner', '--purpose', 'erasure test', '--format', 'csv')

    def truth(self, where, sql):
        connection = sqlite3.connect(os.path.join(where, 'truth.sqlite'))
        rows = connection.execute(sql).fetchall()
        connection.close()
        return rows

    def find(self, needles):
        """Which needles stand in which files of workspace and backup."""
        found = set()
        for top in (self.ws, self.backup):
            for where, _, names in os.walk(top):
                for name in names:
                    with open(os.path.join(where, name), 'rb') as handle:
                        content = handle.read()
                    lower = content.lower()
                    found |= {(what, name) for what, forms in needles.items()
                              if any(f.lower() in lower if len(f) != 16 else f in content for f in forms)}
        return found


def forms(text):
    """A text as it may stand in a file: as it is, in the hexadecimal of dead letters, inside base64 at each offset."""
    plain = text.encode()
    out = [plain, plain.hex().encode()]
    for offset in range(3):
        coded = base64.b64encode(b' ' * offset + plain + b'   ')
        first = (8 * offset + 5) // 6
        last = (8 * (offset + len(plain))) // 6
        out.append(coded[first:last])
    return out


def mail(sender, to, subject, ident, body, headers='Content-Type: text/plain; charset=utf-8\n', day=14):
    return ('From x Wed Jan %d 10:00:00 2026\nFrom: %s\nTo: %s\nSubject: %s\nDate: Wed, %d Jan 2026 10:00:00 +0000\n'
            'Message-ID: <%s@test.example>\n%s\n%s\n\n' % (day, sender, to, subject, day, ident, headers, body))


def extra_mails(her, other, third):
    """Rare words of hers, and every way in which others may quote them or name her."""
    said = 'The quarkzipple ledger must be ready before the velvet turnstile opens again in spring.'
    quoted = '\n'.join('> ' + line for line in ('The quarkzipple ledger must be ready', 'before the velvet turnstile '
                                                'opens again in spring.'))
    name, address = her
    full = '%s <%s>' % her
    boxes = [mail(full, '%s <%s>' % other, 'blimpwort for the fair', 'a1',
                  said + '\n\nDonaudampfschifffahrtskapitaen\n'),
             mail('%s <%s>' % other, full, 'Re: blimpwort for the fair', 'a2',
                  'Agreed, I will do that tomorrow morning.\n\nOn Wed, %s <%s> wrote:\n%s\n> \n'
                  '> Donaudampfschifffahrtskapitaen\n' % (name, address, quoted), day=15),
             mail('%s <%s>' % third, '"%s" <%s>, %s <%s>' % (', '.join(reversed(name.split(' ', 1))), address.upper(),
                                                             *other), 'Re: blimpwort for the fair', 'a3',
                  base64.encodebytes(('Good, thank you both for this.\n\n%s\n' % quoted).encode()).decode(),
                  'Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: base64\n', day=16),
             mail('%s <%s>' % third, 'dear@elsewhere.example', 'other things', 'a4',
                  '<p>See below, ask <a href=3D"mailto:%s=\n%s">her</a>.</p><blockquote>The quarkzipple <b>ledger</b> must be\n'
                  'ready before the velvet turn=\nstile opens</blockquote>' % (address[:5], address[5:]),
                  'Content-Type: text/html; charset=utf-8\nContent-Transfer-Encoding: quoted-printable\n', day=17),
             mail('Greta Outside <%s>' % EXTERNAL, '%s <%s>' % other, 'an offer', 'a5', 'We sell gingham by the yard.',
                  day=18)]
    broken = 'From: %s\nTo: %s\nSubject: no date\nMessage-ID: <a9@test.example>\n\nquarkzipple without a date\n' % (
        full, other[1])
    return ''.join(boxes), broken


def write_sample(program, folder):
    """A simulated organisation, and what it lacks: rare words, quotes of all kinds, dead letters."""
    sample = os.path.join(folder, 'sample')
    subprocess.run([program, 'simulate', '--out', sample, '--people', '24', '--teams', '3', '--weeks', '3', '--seed', '4'],
                   check=True, capture_output=True)
    with open(os.path.join(sample, 'people.csv'), encoding='utf-8') as handle:
        rows = list(csv.DictReader(handle))
    for i, row in enumerate(rows): # teams of eight: when one goes, figures from text must be withheld
        row['team'] = 'team %d' % (i % 3)
    with open(os.path.join(sample, 'people.csv'), 'w', encoding='utf-8', newline='') as handle:
        writer = csv.DictWriter(handle, rows[0].keys(), lineterminator='\n')
        writer.writeheader()
        writer.writerows(rows)
    bosses = {row['manager'] for row in rows}
    her = next(row for row in reversed(rows) if row['id'] in bosses and row['name'].isascii() and "'" not in row['name'])
    other, third = [row for row in rows if row is not her and row['name'].isascii()][:2]
    pairs = [(row['name'], row['email']) for row in (her, other, third)]
    boxes, broken = extra_mails(*pairs)
    with open(os.path.join(sample, 'mail', 'extra.mbox'), 'w', encoding='utf-8') as handle:
        handle.write(boxes)
    with open(os.path.join(sample, 'mail', 'broken.eml'), 'w', encoding='utf-8') as handle:
        handle.write(broken)
    with open(os.path.join(sample, 'extra.ndjson'), 'w', encoding='utf-8') as handle:
        slack = her['handles'].split(';')[0].split(':')[1]
        line = {'kind': 'message', 'source': 'zulip', 'id': 'z1', 'author': other['email'],
                'at': '2026-01-13T10:00:00Z', 'text': '@%s said:\n> the velvet turnstile opens again\nI like that idea very '
                'much, thank you' % her['email'].split('@')[0], 'channel': 'extra', 'to': [her['email']],
                'reactions': [{'emoji': 'heart', 'count': 1, 'by': [her['email']]}]}
        handle.write(json.dumps(line) + '\n')
        handle.write(json.dumps({'kind': 'message', 'source': 'zulip', 'id': 'z2', 'author': her['email'],
                                 'text': 'no time at all for quarkzipple'}) + '\n')
    return sample, her, other, slack


OTHERS = 'SELECT * FROM v_messages WHERE person <> %d ORDER BY item, team, model'


def needles_of(run, her):
    ids = [her['email']] + her['handles'].split(';')
    digests = run.truth(run.ws, 'SELECT digest FROM identity WHERE person = %d' % her['number'])
    digests += run.truth(run.ws, 'SELECT digest FROM person WHERE id = %d' % her['number'])
    needles = {'address': forms(her['email']), 'name': forms(her['name']),
               'turned name': forms(', '.join(reversed(her['name'].split(' ', 1)))),
               'slack id': forms(ids[1].split(':')[1])}
    needles.update({word: forms(word) for word in RARE})
    needles.update({'pseudonym %d' % i: [bytes(row[0])] for i, row in enumerate(digests)})
    return needles


def number_of(run, sample, her):
    """Her person.id: the author of the mail with her rare words, as the lake knows it."""
    rows = run.owner("SELECT DISTINCT m.person FROM v_messages m JOIN silver_message s ON s.item = m.item"
                     " WHERE m.sent_at = TIMESTAMP '2026-01-14 10:00:00' AND m.source = 'mail'")
    return [int(line) for line in rows.split()[1:]]


def prepare(run, sample, her, other):
    run.call('run', sample)
    her['number'] = max(number_of(run, sample, her), default=0)
    check('she is a person', her['number'] > 0)
    run.call('report', 'teams', '--json')
    run.call('sql', 'SELECT 1', '--as', 'owner', '--purpose', 'a complaint of ' + her['email'])
    if '\n  people ' in subprocess.run([run.program, 'help'], capture_output=True).stdout.decode():
        merged = next(row for row in her['all'] if row['id'] not in (her['id'], other['id']))
        her['merged'] = merged
        run.call('people', 'merge', merged['id'], her['id'])
        run.call('analyze')
    run.call('backup', run.backup)


def cells(run):
    out = {}
    for grain in 'week', 'month':
        for row in json.loads(run.call('report', 'teams', '--grain', grain, '--json'))['rows']:
            out[grain, row['team'], row['start']] = row
    return out


def compare_cells(before, after):
    """Each figure as before, or withheld now; and some were withheld, since teams have eight people."""
    same, gone, other = 0, 0, []
    for key, row in before.items():
        for name, value in row.items():
            now = after.get(key, {}).get(name)
            if name in ('people', 'writers') or name.startswith('withheld') or value is None:
                continue
            if now == value:
                same += 1
            elif now is None:
                gone += 1
            else:
                other.append((key, name, value, now))
    check('published figures stay or are withheld', not other, other[:3])
    return same, gone


def erase_and_look(run, sample, her, other, inspect):
    needles = needles_of(run, her)
    if inspect:
        found = {what for what, _ in run.find(needles)}
        check('before, all of it is found', found == set(needles), set(needles) - found)
        check('in the backup too', ('address', 'truth.sqlite') in run.find(needles))
    others = run.owner(OTHERS % her['number'])
    figures = cells(run)
    check('the others have rows', others.count('\n') > 500)
    would = json.loads(run.call('erase', her['id'], '--dry-run', '--json'))
    check('a dry run changes nothing', run.owner(OTHERS % her['number']) == others)
    did = json.loads(run.call('erase', her['email'], '--yes', '--json'))
    for key in would:
        if key not in ('dry_run', 'channels', 'audit', 'due'):
            check('the dry run announced %s' % key, would[key] == did[key], (would[key], did[key]))
    check('things were found', all(did[key] > 0 for key in ('identities', 'records', 'mentions', 'rejects', 'audit',
                                                          'cells', 'lake_rows')) and did['backups'] == 1, did)
    check('nothing is due', did['due'] == [], did['due'])
    if inspect:
        check('after, nothing of it is found', not run.find(needles), run.find(needles))
    check("the others' values stay", run.owner(OTHERS % her['number']) == others)
    same, gone = compare_cells(figures, cells(run))
    check('some figures stay, some are withheld', same > 20 and gone > 0, (same, gone))
    again = run.call('run', sample)
    counts = json.loads(again.splitlines()[0])
    check('the same exports bring nothing back', counts['new'] == 0 and counts['updated'] == 0 and counts['skipped'] > 0,
          counts)
    check('people.csv says so', counts['people']['rejected'] >= 1, counts)
    if inspect:
        left = {(w, n) for w, n in run.find(needles)}
        check('nothing of it is found after reading again', not left, left)
    check("the others' values stay after reading again", run.owner(OTHERS % her['number']) == others)
    run.call('lake', 'rebuild')
    rebuilt = run.owner(OTHERS % her['number'])
    differ = [(a, b) for a, b in zip(others.splitlines(), rebuilt.splitlines()) if a != b]
    check("the others' values stay when the lake is made anew", rebuilt == others, differ[:2])
    audit = json.loads(run.call('audit', 'verify', '--json'))
    check('the audit log is whole', audit['whole'] is True)
    run.call('backup', 'verify', run.backup)
    run.call('erase', her['id'], '--yes', want=1)
    return did


def rows_are_gone(run, her):
    for where in (run.ws, run.backup):
        for sql in ('SELECT count(*) FROM person WHERE id = %d' % her['number'],
                    'SELECT count(*) FROM identity WHERE person = %d' % her['number'],
                    'SELECT count(*) FROM record WHERE author NOT IN (SELECT id FROM identity)',
                    'SELECT count(*) FROM identity_name WHERE identity NOT IN (SELECT id FROM identity)',
                    "SELECT count(*) FROM unfinished WHERE work LIKE 'erase%'"):
            check('%s in %s' % (sql, os.path.basename(where)), run.truth(where, sql)[0][0] == 0)
        check('tombstones in %s' % os.path.basename(where),
              run.truth(where, 'SELECT count(*) FROM tombstone')[0][0] >= 3)
    check('her row in the lake', run.owner('SELECT count(*) FROM person WHERE person = %d' % her['number']).split()[1] == '0')


def outsider(run, inspect):
    needle = {'outsider': forms(EXTERNAL)}
    if inspect:
        check('the outsider is found', run.find(needle))
    did = json.loads(run.call('erase', EXTERNAL, '--yes', '--json'))
    check('an outsider can be erased', did['person'] == 0 and did['records'] == 1, did)
    if inspect:
        check('nothing of the outsider is found', not run.find(needle), run.find(needle))


def out_of_reach(run, sample):
    """A backup that is elsewhere stays due, is told, and is done when it is back."""
    away = run.backup + '.away'
    os.rename(run.backup, away)
    with open(os.path.join(sample, 'people.csv'), encoding='utf-8') as handle:
        last = list(csv.DictReader(handle))[-1]
    did = json.loads(run.call('erase', last['id'], '--yes', '--json'))
    check('a backup out of reach is told', len(did['due']) == 1 and run.backup in did['due'][0], did)
    check('doctor warns', '"warn"' in run.call('doctor', '--json'))
    os.rename(away, run.backup)
    did = json.loads(run.call('erase', '--resume', '--json'))
    check('it is done when it is back', did['due'] == [] and did['backups'] == 1, did)
    check('nothing is left to do', run.truth(run.ws, "SELECT count(*) FROM unfinished")[0][0] == 0)
    run.call('backup', 'verify', run.backup)


def main():
    programs = [os.path.abspath(p) for p in sys.argv[1:3]]
    os.environ.pop('UNDERTONE_WORKSPACE', None)
    os.environ['UNDERTONE_KEY'] = '%064d' % 7
    with tempfile.TemporaryDirectory() as top:
        sample, her, other, _ = write_sample(programs[0], top)
        with open(os.path.join(sample, 'people.csv'), encoding='utf-8') as handle:
            her['all'] = list(csv.DictReader(handle))
        for inspect, program in ((True, programs[1]), (False, programs[0])):
            folder = os.path.join(top, 'inspect' if inspect else 'normal')
            os.mkdir(folder)
            run = Run(program, folder)
            prepare(run, sample, her, other)
            erase_and_look(run, sample, her, other, inspect)
            rows_are_gone(run, her)
            outsider(run, inspect)
            if not inspect:
                out_of_reach(run, sample)
    print('%d passed, %d failed, 0 skipped' % (passed, failed))
    return 1 if failed else 0


sys.exit(main())
