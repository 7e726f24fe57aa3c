-- Trust: keys apart from the workspace key, what people decided, what was promised, what was shown.

-- Data keys of the workspace (digest, name, reject), each sealed by a key derived from the workspace key, so that a new
-- workspace key seals them anew and changes nothing else.
CREATE TABLE keyring (
    name    TEXT PRIMARY KEY,
    wrapped BLOB NOT NULL
) WITHOUT ROWID;

-- The workspace keys this workspace had, each known by its print (a digest that opens nothing). The one with replaced_us
-- NULL is in force. `wrapped` is an older one's wrapping key, sealed by the one in force: backups of its time stay in
-- reach of an erasure, without the old key being kept anywhere.
CREATE TABLE key_history (
    number      INTEGER PRIMARY KEY,
    print       BLOB NOT NULL UNIQUE,
    made_us     INTEGER NOT NULL, -- 0: before this was noted
    replaced_us INTEGER,
    wrapped     BLOB
);

-- 1: the raw record was dropped when its time was over; the payload is its sealed analysis (rights/retention.c).
ALTER TABLE record ADD COLUMN reduced INTEGER NOT NULL DEFAULT 0;
CREATE INDEX record_author ON record (author);
-- What is past its time, without a walk over everything.
CREATE INDEX record_due ON record (reduced, observed_us);

-- What short texts of an author inherit from records that are deleted by now (silver/language.c).
ALTER TABLE identity ADD COLUMN language TEXT NOT NULL DEFAULT '';

-- Keys of records that were deleted when their time was over: the same export read again does not bring them back.
CREATE TABLE retired (
    key   BLOB PRIMARY KEY,
    at_us INTEGER NOT NULL
) WITHOUT ROWID;

-- Handles of erased persons, hashed for this purpose only: what they wrote does not come in again.
CREATE TABLE tombstone (
    digest BLOB PRIMARY KEY,
    at_us  INTEGER NOT NULL
) WITHOUT ROWID;

-- What a person decided: notified (the default: processed, counted in groups), consented, objected, withdrawn,
-- restricted.
ALTER TABLE person ADD COLUMN state TEXT NOT NULL DEFAULT 'notified';
ALTER TABLE person ADD COLUMN state_us INTEGER NOT NULL DEFAULT 0;

-- A person who allows another one to see their own values; revoked by deleting the row.
CREATE TABLE sharing (
    person INTEGER NOT NULL REFERENCES person (id),
    viewer INTEGER NOT NULL REFERENCES person (id),
    at_us  INTEGER NOT NULL,
    PRIMARY KEY (person, viewer)
) WITHOUT ROWID;

-- Merges decided by hand: everything of `person` counts as `target`'s. Unmerging deletes the row, nothing else.
CREATE TABLE merge (
    person INTEGER PRIMARY KEY REFERENCES person (id),
    target INTEGER NOT NULL REFERENCES person (id),
    at_us  INTEGER NOT NULL
);

-- Who a merged person counts as at the end of the chain; NULL: itself. Derived by people/resolve.c.
ALTER TABLE person ADD COLUMN target INTEGER REFERENCES person (id);
CREATE INDEX person_target ON person (target) WHERE target IS NOT NULL;

-- Marks decided by hand: 'bot', 'list' (a mailing list or a shared mailbox) or 'person'; '' = as the source says.
-- `machine` is what comes of mark and `bot`, derived by people/resolve.c: 1 is nobody and is not scored.
ALTER TABLE identity ADD COLUMN mark TEXT NOT NULL DEFAULT '';
ALTER TABLE identity ADD COLUMN machine INTEGER NOT NULL DEFAULT 0;
ALTER TABLE identity ADD COLUMN unmerged INTEGER REFERENCES person (id); -- as `person`, but before merges
CREATE INDEX identity_mail ON identity (mail) WHERE mail IS NOT NULL;

-- 1: a source gave a display name, which stays; 0: one that comes later fills it in.
ALTER TABLE identity_name ADD COLUMN named INTEGER NOT NULL DEFAULT 0;

-- Identities not to be analysed: of persons who objected or withdrew ('objected'), or who want what they wrote kept but not
-- used ('restricted'). A merge does not lift what one of the merged decided.
CREATE VIEW stopped AS
SELECT identity, state FROM (
    SELECT i.id AS identity,
           CASE WHEN p.state IN ('objected', 'withdrawn') OR u.state IN ('objected', 'withdrawn') THEN 'objected'
                WHEN 'restricted' IN (p.state, u.state) THEN 'restricted' END AS state
      FROM identity i LEFT JOIN person p ON p.id = i.person LEFT JOIN person u ON u.id = i.unmerged)
 WHERE state IS NOT NULL;

-- Who managed whom from which day to which (YYYY-MM-DD, both inclusive; '' = open).
CREATE TABLE manages (
    person   INTEGER NOT NULL REFERENCES person (id),
    manager  INTEGER NOT NULL REFERENCES person (id),
    from_day TEXT NOT NULL DEFAULT '',
    to_day   TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (person, manager, from_day)
) WITHOUT ROWID;
CREATE INDEX manages_manager ON manages (manager);

-- The ledger: group figures as they were first shown, never to change (egress/ledger.c). One row per group, period and
-- kind of figure ('load', 'text'); team '(all)' = the whole organisation.
CREATE TABLE cell (
    id        INTEGER PRIMARY KEY,
    team      TEXT NOT NULL,
    grain     TEXT NOT NULL,    -- day, week, month
    start_day TEXT NOT NULL,    -- YYYY-MM-DD
    end_day   TEXT NOT NULL,    -- inclusive
    kind      TEXT NOT NULL,
    state     TEXT NOT NULL,    -- shown, or why not (egress/cells.h)
    figures   BLOB,             -- published values as 64-bit floats, in the order of ut_metric; NULL when withheld
    people    BLOB,             -- ids of the contributors, sorted, 64 bits each: who was in the answered set
    frozen_us INTEGER NOT NULL,
    UNIQUE (grain, start_day, team, kind)
);

-- The atoms of additive figures (egress/atoms.h): the load cells of all grains are sums of these, so that no difference of
-- two figures is about fewer people than an atom holds. A segment is what an ISO week and a month have in common.
CREATE TABLE segment (
    start_day INTEGER PRIMARY KEY, -- days since 1970-01-01
    end_day   INTEGER NOT NULL,    -- inclusive
    frozen_us INTEGER NOT NULL
);
CREATE TABLE atom (
    id       INTEGER PRIMARY KEY,
    segment  INTEGER NOT NULL REFERENCES segment (start_day),
    team     TEXT,             -- NULL: the pooled rest
    from_day INTEGER NOT NULL, -- first and last day with anything in it
    to_day   INTEGER NOT NULL,
    messages INTEGER,          -- NULL: too few people, part of the rest or left out
    people   BLOB              -- as in cell
);
CREATE INDEX atom_day ON atom (from_day);

-- Backups made by `undertone backup`, so that an erasure finds them.
CREATE TABLE backup (
    path  TEXT PRIMARY KEY,
    at_us INTEGER NOT NULL
) WITHOUT ROWID;

-- Long work that must be finished once begun (erase, rotate, …): what is left to do, for whoever comes next.
CREATE TABLE unfinished (
    id     INTEGER PRIMARY KEY,
    work   TEXT NOT NULL,
    detail TEXT NOT NULL,
    at_us  INTEGER NOT NULL
);

-- The audit log anew: the chain runs over digests of detail and purpose, so that an erasure can take out words which name
-- the erased, and the rest still verifies. Only entries of workspaces older than this step are left behind.
DROP TABLE audit;
CREATE TABLE audit (
    id             INTEGER PRIMARY KEY,
    at_us          INTEGER NOT NULL,
    principal      TEXT NOT NULL,
    actor          TEXT NOT NULL,  -- the system user at the command line
    action         TEXT NOT NULL,
    subject        INTEGER,        -- person.id whom it is about, if one; numbers are never used twice
    detail         TEXT,           -- NULL: taken out by an erasure
    purpose        TEXT,
    detail_digest  BLOB NOT NULL,
    purpose_digest BLOB NOT NULL,
    chain          BLOB NOT NULL
);

-- Settings of the policy are told apart by their name (people/policy.c).
UPDATE setting SET key = 'policy.allow_direct' WHERE key = 'allow_direct';
