-- Identities of persons who objected or withdrew ('objected') or want no use of what they wrote ('restricted'): it counts
-- nowhere, from the moment this copy of the truth says so.
CREATE TABLE stopped (identity INTEGER NOT NULL, state VARCHAR NOT NULL);

-- As before, without what stopped persons wrote: by their state now, and by the one their messages were analysed under.
CREATE OR REPLACE VIEW v_messages AS
WITH m AS (
    SELECT s.*, w.person,
           CAST(timezone(coalesce(p.time_zone, 'UTC'), timezone('UTC', s.sent_at)) AS DATE) AS day
      FROM silver_message s
      JOIN who w ON w.identity = s.author AND w.member AND NOT w.bot
      LEFT JOIN person p ON p.person = w.person
     WHERE s.state NOT IN ('objected', 'restricted') AND s.author NOT IN (SELECT identity FROM stopped)
)
SELECT m.item, m.person, t.team, m.day, m.sent_at, m.source, m.state, m.language, m.words, m.reply, m.recipients,
       m.reactions, c.model, c.sentiment, c.valence, c.arousal, c.dominance, c.certainty, c.joy, c.gratitude,
       c.enthusiasm, c.confidence, c.care, c.stress, c.anxiety, c.frustration, c.anger, c.sadness, c.exhaustion
  FROM m
  LEFT JOIN membership t ON t.person = m.person AND m.day >= t.from_day AND m.day < t.until_day
  LEFT JOIN silver_score c ON c.item = m.item;
