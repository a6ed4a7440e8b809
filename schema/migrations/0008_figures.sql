-- What visitors did with the notice, by the hour, without anybody's id. Takes the place of `counters`.

CREATE TABLE figures (
    site TEXT NOT NULL,
    hour BIGINT NOT NULL,               -- the hour's first millisecond
    kind TEXT NOT NULL,                 -- shown, accepted, refused, chosen …
    notice TEXT NOT NULL,               -- a digest of the site's; `other` beyond the bounds, here and below
    language TEXT NOT NULL,
    country TEXT NOT NULL,              -- ISO 3166-1, or nothing where it is not known
    device TEXT NOT NULL,               -- phone, tablet, desktop, or nothing
    variant TEXT NOT NULL,
    bot BIGINT NOT NULL,                -- 1 when the software says that it is a robot
    count BIGINT NOT NULL,
    PRIMARY KEY (site, hour, kind, notice, language, country, device, variant, bot)
);

-- The steps of a sign-up, which `counters` had as well, are in `funnel`.
INSERT INTO figures (site, hour, kind, notice, language, country, device, variant, bot, count)
SELECT site, hour, kind, notice, language, '', '', '', 0, CAST(sum(count) AS BIGINT) FROM (
    SELECT site, hour,
        CASE kind WHEN 'notice_shown' THEN 'shown' WHEN 'gpc_honored' THEN 'gpc' ELSE 'preferences' END AS kind,
        CASE notice WHEN 'earlier' THEN 'other' ELSE notice END AS notice, language, count
    FROM counters WHERE kind IN ('notice_shown', 'gpc_honored', 'preferences_shown')
) AS counted GROUP BY site, hour, kind, notice, language;

DROP TABLE counters;
