#!/usr/bin/env python3
"""Every mail and Slack input of ../shared/data through ingest, analyze and report, counted against Python's own readers.

    tests/e2e/real_inputs.py UNDERTONE

Python is the independent reader here, never part of the product. Skips when ../shared is not there. For each folder: records
read must equal what mailbox / json find, all rejects must carry a reason, reading again must add nothing, the counts must
add up, and the rebuilt lake must equal the first one.
"""
import json
import mailbox
import os
import subprocess
import sys
import tempfile

undertone = os.path.abspath(sys.argv[1])
root = os.environ.get('UNDERTONE_SOURCE_ROOT', os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', '..'))
shared = os.path.join(root, '..', 'shared', 'data')
passed = failed = 0


def check(what, good, detail=''):
    global passed, failed
    if good:
        passed += 1
    else:
        failed += 1
        print('real inputs: %s: not so %s' % (what, detail))


def call(*args):
    done = subprocess.run([undertone, *args], capture_output=True, stdin=subprocess.DEVNULL)
    if done.returncode != 0:
        print('real inputs: undertone %s: %s' % (' '.join(args), done.stderr.decode()[:300]))
    return done


def mail_count(folder):
    """Mails by Python: boxes by mailbox, single mails by their ending; text that is not mail does not count."""
    count = 0
    for where, _, files in os.walk(folder):
        for name in files:
            path = os.path.join(where, name)
            if name.endswith('.mbox'):
                count += len(mailbox.mbox(path))
            elif name != 'SOURCE.md' and os.path.getsize(path):
                with open(path, 'rb') as handle:
                    first = handle.read(65536).lstrip().splitlines()[:1]
                # A mail begins with a header field or an mbox separator.
                if first and (first[0].startswith(b'From ') or b':' in first[0].split(b' ')[0]):
                    count += 1
    return count


def slack_count(folder):
    count = 0
    for where, _, files in os.walk(folder):
        for name in files:
            if where != folder and name.endswith('.json'):
                with open(os.path.join(where, name), 'rb') as handle:
                    count += sum(1 for m in json.load(handle) if isinstance(m, dict))
    return count


def whole_way(name, want):
    with tempfile.TemporaryDirectory() as workspace:
        at = ['--workspace', os.path.join(workspace, 'ws')]
        folder = os.path.join(shared, name)
        lines = call('run', folder, *at).stdout.decode().splitlines()
        first, analysed = json.loads(lines[0]), json.loads(lines[1])
        parts = ('new', 'updated', 'duplicate', 'skipped', 'rejected')
        check(name + ': records read', first['read'] == want, '%d, Python finds %d' % (first['read'], want))
        check(name + ': read is the sum of the rest', first['read'] == sum(first[p] for p in parts), first)
        rejects = json.loads(call('rejects', '--json', *at).stdout)['rejects']
        check(name + ': every reject is explained', len(rejects) == first['rejected'] and all(len(r['reason']) > 10 for r in rejects))
        check(name + ': every version is analysed', analysed['records'] == first['new'] + first['updated'], analysed)
        check(name + ': nothing is unreadable', analysed['unreadable'] == 0, analysed)
        dump = ['sql', 'SELECT * FROM silver_message ORDER BY item', '--format', 'csv', '--as', 'owner', '--purpose', 'test', *at]
        before = call(*dump).stdout
        call('lake', 'rebuild', *at)
        check(name + ': a rebuilt lake is the same', before == call(*dump).stdout and before.count(b'\n') == first['new'] + 1)
        again = json.loads(call('ingest', folder, *at).stdout)
        check(name + ': again adds nothing', again['new'] == 0 and again['updated'] == 0 and again['read'] == first['read'], again)
        report = call('report', 'teams', '--grain', 'month', '--json', *at)
        check(name + ': report', report.returncode == 0 and isinstance(json.loads(report.stdout)['rows'], list))
        print('%s: %s; %s' % (name, {k: first[k] for k in ('read',) + parts}, analysed))


if not os.path.isdir(shared):
    print('0 passed, 0 failed, 1 skipped')
    sys.exit(0)
for kind in sorted(os.listdir(shared)):
    if kind.startswith('mail_'):
        whole_way(kind, mail_count(os.path.join(shared, kind)))
    elif kind in ('chat_slack_academy', 'chat_slack_houstondatavis'):
        whole_way(kind, slack_count(os.path.join(shared, kind)))
print('%d passed, %d failed, 0 skipped' % (passed, failed))
sys.exit(1 if failed else 0)
