-- The lake: derived, rebuildable from the truth (`undertone lake rebuild`). No text, no names, no addresses: numbers,
-- times and pseudonymous ids. Documented views (v_…) are the contract; the tables below them are not.

-- How far each stage has read the truth, and with what: committed together with the rows it made.
CREATE TABLE stage (
    name    VARCHAR NOT NULL,
    seq     BIGINT NOT NULL,  -- last record.seq that is in
    basis   VARCHAR NOT NULL  -- model version and membership digest the rows depend on; another one means start over
);

-- One row per message: the newest version of each record.
CREATE TABLE silver_message (
    item       BIGINT NOT NULL,   -- record.item in the truth
    sent_at    TIMESTAMP NOT NULL,-- UTC
    author     INTEGER,           -- identity.id, pseudonymous
    channel    INTEGER,
    source     VARCHAR NOT NULL,
    state      VARCHAR NOT NULL,  -- scored, automatic, external, deleted, unreadable, empty, language, anonymous
    language   VARCHAR,           -- ISO 639, 'und' when there is nothing to go by
    inherited  BOOLEAN,           -- the language was the author's, the text alone did not say
    words      INTEGER,           -- that the author newly wrote
    bytes      INTEGER,           -- of the decoded text
    stripped   INTEGER,           -- bytes of it taken out as quotes, signatures, code, …
    quote      INTEGER,           -- … of those, quoted replies
    code       INTEGER,           -- … of those, code and logs
    recipients INTEGER,           -- addressed or mentioned
    reactions  INTEGER,
    reply      BOOLEAN
);

-- One row per message and model.
CREATE TABLE silver_score (
    item        BIGINT NOT NULL,
    model       VARCHAR NOT NULL, -- name@version
    sentiment   FLOAT, valence FLOAT, arousal FLOAT, dominance FLOAT, certainty FLOAT,
    joy         FLOAT, gratitude FLOAT, enthusiasm FLOAT, confidence FLOAT, care FLOAT, stress FLOAT,
    anxiety     FLOAT, frustration FLOAT, anger FLOAT, sadness FLOAT, exhaustion FLOAT,
    detail      VARCHAR           -- JSON: linguistic, emoji, custom, why; zeros and empty parts left out;
                              -- spans are byte offsets, never words
);

-- The language of each author's last message that was sure of its own: what short texts inherit.
CREATE TABLE silver_language (author INTEGER NOT NULL, language VARCHAR NOT NULL);

-- Copies of small tables of the truth, renewed by every analyze, so that one engine can join them.
CREATE TABLE who (identity INTEGER NOT NULL, person INTEGER, bot BOOLEAN NOT NULL, member BOOLEAN NOT NULL);
CREATE TABLE person (person INTEGER NOT NULL, time_zone VARCHAR NOT NULL);
CREATE TABLE membership (person INTEGER NOT NULL, team VARCHAR NOT NULL, from_day DATE NOT NULL, until_day DATE NOT NULL);
CREATE TABLE channel (channel INTEGER NOT NULL, source VARCHAR NOT NULL, kind INTEGER NOT NULL);

-- One row per message of a member, with its scores where it has some. `day` is the author's own day.
CREATE VIEW v_messages AS
WITH m AS (
    SELECT s.*, w.person,
           CAST(timezone(coalesce(p.time_zone, 'UTC'), timezone('UTC', s.sent_at)) AS DATE) AS day
      FROM silver_message s
      JOIN who w ON w.identity = s.author AND w.member AND NOT w.bot
      LEFT JOIN person p ON p.person = w.person
)
SELECT m.item, m.person, t.team, m.day, m.sent_at, m.source, m.state, m.language, m.words, m.reply, m.recipients,
       m.reactions, c.model, c.sentiment, c.valence, c.arousal, c.dominance, c.certainty, c.joy, c.gratitude,
       c.enthusiasm, c.confidence, c.care, c.stress, c.anxiety, c.frustration, c.anger, c.sadness, c.exhaustion
  FROM m
  LEFT JOIN membership t ON t.person = m.person AND m.day >= t.from_day AND m.day < t.until_day
  LEFT JOIN silver_score c ON c.item = m.item;
