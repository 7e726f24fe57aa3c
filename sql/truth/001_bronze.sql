-- The truth: raw records and everything a person decides. Append-only; a change is a new numbered file.
-- Times are microseconds since 1970-01-01T00:00:00Z. "digest" columns are keyed hashes (codec/seal.h): comparable, not
-- reversible by guessing. "sealed" columns are XChaCha20-Poly1305 boxes.

-- Settings of this workspace. Plain, never secrets; key_check is a word sealed by the workspace key, to know the right one.
CREATE TABLE setting (
    key   TEXT PRIMARY KEY,
    value TEXT NOT NULL
) WITHOUT ROWID;

-- One author or recipient in one source: "mail:a@example.org", "slack:U024". The digest is the stored pseudonym.
CREATE TABLE identity (
    id          INTEGER PRIMARY KEY AUTOINCREMENT, -- never used twice, also after an erasure
    digest      BLOB NOT NULL UNIQUE,
    wrapped_key BLOB,                          -- this identity's data key, sealed by the workspace key
    bot         INTEGER NOT NULL DEFAULT 0,
    domain      TEXT NOT NULL DEFAULT '',      -- of a mail address: decides who is external
    mail        INTEGER REFERENCES identity (id), -- the mail address that the source's own directory gives for it
    person      INTEGER REFERENCES person (id) -- derived by people/resolve.c; NULL: external, bot, or nobody known
);
CREATE INDEX identity_person ON identity (person);

-- The name table, apart from everything else: handle, display name and address, sealed under the identity's own key.
CREATE TABLE identity_name (
    identity INTEGER PRIMARY KEY REFERENCES identity (id),
    sealed   BLOB NOT NULL
);

-- What people.csv says belongs to whom: wins over every other clue.
CREATE TABLE claim (
    identity INTEGER PRIMARY KEY REFERENCES identity (id),
    person   INTEGER NOT NULL REFERENCES person (id)
);

-- One human being of the organisation, from people.csv, or made for an identity when there is no people.csv.
CREATE TABLE person (
    id         INTEGER PRIMARY KEY AUTOINCREMENT, -- never used twice: the audit log names persons by it
    digest     BLOB NOT NULL UNIQUE,           -- of the id in people.csv, else of the address or handle
    sealed     BLOB NOT NULL,                  -- JSON: "id", "name" and the row of people.csv, under the name key
    listed     INTEGER NOT NULL,               -- 1: from people.csv; 0: made for an identity of the organisation
    time_zone  TEXT NOT NULL DEFAULT 'UTC',    -- IANA
    work_days  TEXT NOT NULL DEFAULT 'Mon-Fri',
    work_start TEXT NOT NULL DEFAULT '09:00',
    work_end   TEXT NOT NULL DEFAULT '17:00'
);

CREATE TABLE team (
    id     INTEGER PRIMARY KEY,
    name   TEXT NOT NULL UNIQUE
);

-- Who belonged to which team from which day to which (YYYY-MM-DD, both inclusive; '' = open).
CREATE TABLE membership (
    person     INTEGER NOT NULL REFERENCES person (id),
    team       INTEGER NOT NULL REFERENCES team (id),
    from_day   TEXT NOT NULL DEFAULT '',
    to_day     TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (person, team, from_day)
) WITHOUT ROWID;

CREATE TABLE channel (
    id     INTEGER PRIMARY KEY,
    source TEXT NOT NULL,
    name   TEXT NOT NULL,
    kind   INTEGER NOT NULL, -- ut_channel_kind
    UNIQUE (source, name)
);

-- Every version of every record, verbatim. `item` is the seq of a record's first version: what the layers above call it.
CREATE TABLE record (
    seq         INTEGER PRIMARY KEY, -- order of arrival; counted in setting 'record_seq', so that none is ever used twice
    item        INTEGER NOT NULL,
    key         BLOB NOT NULL,    -- digest of kind, source and the source's own id
    version     INTEGER NOT NULL, -- 1, 2, …
    content     BLOB NOT NULL,    -- digest of the payload and the deletion mark: the same content is stored once
    kind        INTEGER NOT NULL, -- ut_record_kind
    format      INTEGER NOT NULL, -- ut_format
    source      TEXT NOT NULL,
    channel     INTEGER REFERENCES channel (id),
    author      INTEGER REFERENCES identity (id),
    observed_us INTEGER NOT NULL, -- when it was ingested: retention counts from here
    occurred_us INTEGER NOT NULL,
    edited_us   INTEGER NOT NULL DEFAULT 0,
    deleted     INTEGER NOT NULL DEFAULT 0,
    machine     INTEGER NOT NULL DEFAULT 0,
    bytes       INTEGER NOT NULL, -- of the payload as it came: readers size their batches by it
    payload     BLOB              -- sealed under the author's key, packed before that; context = key
);
CREATE UNIQUE INDEX record_key ON record (key, version);

-- Dead letters. The same one is kept once, however often the file is read.
CREATE TABLE reject (
    id        INTEGER PRIMARY KEY,
    digest    BLOB NOT NULL UNIQUE, -- of source, place, reason and bytes
    at_us     INTEGER NOT NULL,
    source    TEXT NOT NULL,
    format    INTEGER NOT NULL,
    byte      INTEGER NOT NULL,
    reason    TEXT NOT NULL,
    state     TEXT NOT NULL DEFAULT 'open', -- open, redriven
    sealed    BLOB NOT NULL                 -- {path, payload}, under the workspace's reject key
);

-- Files read to their end, so that a second run over the same files costs next to nothing.
CREATE TABLE file_seen (
    digest     BLOB PRIMARY KEY,   -- of the absolute path
    stamp      BLOB NOT NULL,      -- digest of size, mtime, ctime, inode and the policy in force
    read       INTEGER NOT NULL,   -- records it held, for the counts of later runs
    skipped    INTEGER NOT NULL,
    rejected   INTEGER NOT NULL
) WITHOUT ROWID;

-- Who saw or changed what. Append-only, hash-chained: chain = digest(previous chain, this row).
CREATE TABLE audit (
    id        INTEGER PRIMARY KEY AUTOINCREMENT,
    at_us     INTEGER NOT NULL,
    principal TEXT NOT NULL,
    actor     TEXT NOT NULL,  -- the system user at the command line
    action    TEXT NOT NULL,
    detail    TEXT NOT NULL,
    purpose   TEXT NOT NULL,
    chain     BLOB NOT NULL
);
