#!/usr/bin/env python3
"""Makes tests/fuzz/corpus/archive/: small archives, good and bad, that tests/unit/codec/stream.c reads by name.

Run it in the repository's root; the same bytes come out again. Python, because its zipfile writes what our reader must
refuse; nothing else in the tests needs Python.
"""
import bz2, gzip, io, json, lzma, os, struct, tarfile, zipfile

TO = "tests/fuzz/corpus/archive"
STAMP = (2024, 1, 2, 3, 4, 6)


def zip_of(members, method=zipfile.ZIP_DEFLATED):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as z:
        for name, content, *mode in members:
            info = zipfile.ZipInfo(name, STAMP)
            info.create_system = 3
            info.external_attr = (mode[0] if mode else 0o100644) << 16
            info.compress_type = method
            z.writestr(info, content)
    return out.getvalue()


def tar_of(members):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as t:
        for name, content, *kind in members:
            info = tarfile.TarInfo(name)
            if kind:
                info.type, info.linkname = kind
                t.addfile(info)
            else:
                info.size = len(content)
                t.addfile(info, io.BytesIO(content))
    return out.getvalue()


def flag_encrypted(data):
    """Sets bit 0 of the flags in the local header and the central directory."""
    data = bytearray(data)
    data[6] |= 1
    data[data.index(b"PK\x01\x02") + 8] |= 1
    return bytes(data)


def message(ts, text, **more):
    return {"type": "message", "user": "U0ANN", "text": text, "ts": ts, **more}


EXPORT = [
    # Days first: the reader must not rely on the order.
    ("Our export/general/2024-01-02.json", json.dumps([message("1704186000.000100", "hello"),
                                                       message("1704186060.000200", "all well", user="U0BOB")])),
    ("Our export/plans/2024-01-02.json", json.dumps([message("1704186120.000300", "secret plans")])),
    ("Our export/D0ANNBOB1/2024-01-03.json", json.dumps([message("1704272400.000400", "just us")])),
    ("Our export/users.json", json.dumps([
        {"id": "U0ANN", "name": "ann", "tz": "Europe/Berlin", "profile": {"real_name": "Ann Lee", "email": "ann@example.org"}},
        {"id": "U0BOB", "name": "bob", "is_bot": True}])),
    ("Our export/channels.json", json.dumps([{"id": "C0GEN", "name": "general"}])),
    ("Our export/groups.json", json.dumps([{"id": "G0PLANS", "name": "plans"}])),
    ("Our export/dms.json", json.dumps([{"id": "D0ANNBOB1", "members": ["U0ANN", "U0BOB"]}])),
    ("__MACOSX/Our export/general/._2024-01-02.json", b"\0\5\26\7"),
    ("Our export/.DS_Store", b"\0"),
]
LONG_DAY = json.dumps([message("1704186000.%06d" % i, "message number %d of a long day" % (i * 7919)) for i in range(200)])
TWO = [("a.txt", b"first\n"), ("folder/b.txt", b"second\n")]
LONG = b"".join(b"line %d of a member that is cut\n" % i for i in range(6000))
FILES = {
    "two.zip": zip_of(TWO),
    "stored.zip": zip_of(TWO, zipfile.ZIP_STORED),
    "empty.zip": zip_of([]),
    "umlaut.zip": zip_of([("\u00e4\u4e2d.txt", b"x")]),
    "umlaut.tar": tar_of([("\u00e4\u4e2d.txt", b"x")]),
    "two.tar": tar_of(TWO),
    "two.tgz": gzip.compress(tar_of(TWO), 9, mtime=0),
    "lone.txt.gz": gzip.compress(b"alone\n", 9, mtime=0),
    "lone.txt.bz2": bz2.compress(b"alone\n"),
    "lone.txt.xz": lzma.compress(b"alone\n"),
    "nested.zip": zip_of([("inner.zip", zip_of(TWO)), ("z.txt", b"last\n")]),
    "links.zip": zip_of([("link", b"/etc/passwd", 0o120777), ("a.txt", b"first\n")]),
    "links.tar": tar_of([("a.txt", b"first\n"), ("soft", b"", tarfile.SYMTYPE, "/etc/passwd"),
                         ("hard", b"", tarfile.LNKTYPE, "a.txt")]),
    "up.zip": zip_of([("a.txt", b"first\n"), ("../../evil.txt", b"x"), ("b.txt", b"x")]),
    "absolute.tar": tar_of([("a.txt", b"first\n"), ("/tmp/evil.txt", b"x")]),
    "backslash.zip": zip_of([("a.txt", b"first\n"), ("x/..\\..\\evil.txt", b"x")]),
    "encrypted.zip": flag_encrypted(zip_of([("secret.txt", b"x" * 40)], zipfile.ZIP_STORED)),
    "cut.zip": zip_of([("a.txt", b"first\n"), ("cut.txt", LONG)])[:4000],
    # libarchive loses the last 64 KiB that a cut gzip stream unpacks to: cut it behind twice that.
    "cut.tgz": gzip.compress(tar_of([("a.txt", b"first\n"), ("cut.txt", LONG)]), 9, mtime=0)[:14000],
    "badcrc.zip": zip_of([("a.txt", b"first\n"), ("b.txt", b"second\n")], zipfile.ZIP_STORED).replace(b"first", b"fIrst"),
    "bomb.zip": zip_of([("a.txt", b"first\n"), ("bomb.txt", b"A" * (80 << 20))], zipfile.ZIP_BZIP2),
    "bomb.bz2": bz2.compress(b"A" * (80 << 20)),
    "slack.zip": zip_of(EXPORT),
    "slack_cut.zip": zip_of(EXPORT[3:5] + EXPORT[:1] + [("Our export/random/2024-01-02.json", LONG_DAY)],
                            zipfile.ZIP_STORED)[:9000],
    "text.txt": b"From nobody to nobody: a plain file, not an archive.\n",
}

os.makedirs(TO, exist_ok=True)
for name, content in FILES.items():
    with open(os.path.join(TO, name), "wb") as f:
        f.write(content)
