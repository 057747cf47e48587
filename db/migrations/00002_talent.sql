-- +goose Up
-- Owner: dispatch/talent.
CREATE TABLE talent (
    id             text PRIMARY KEY CHECK (id LIKE 'tal\_%'),
    livemode       boolean NOT NULL,
    registered_by  text NOT NULL REFERENCES accounts,
    name           text NOT NULL,
    email          text NOT NULL,
    bio            text NOT NULL DEFAULT '',
    skills         text[] NOT NULL DEFAULT '{}',
    task_types     text[] NOT NULL DEFAULT '{}',
    languages      text[] NOT NULL DEFAULT '{}',
    city           text NOT NULL DEFAULT '',
    lat            double precision CHECK (lat BETWEEN -90 AND 90),
    lng            double precision CHECK (lng BETWEEN -180 AND 180),
    -- The search's bounding box relies on the upper bound.
    radius_km      double precision NOT NULL DEFAULT 50 CHECK (radius_km > 0 AND radius_km <= 500),
    rating         double precision CHECK (rating BETWEEN 0 AND 5),
    completed_jobs integer NOT NULL DEFAULT 0,
    created_at     timestamptz NOT NULL,
    CHECK ((lat IS NULL) = (lng IS NULL))
);
CREATE UNIQUE INDEX talent_email ON talent (livemode, lower(email));
CREATE INDEX talent_place ON talent (livemode, lat, lng);
CREATE INDEX talent_rank ON talent (livemode, coalesce(rating, -1) DESC, completed_jobs DESC, id);
CREATE INDEX talent_city ON talent (livemode, lower(split_part(city, ',', 1)));

CREATE TABLE talent_tokens (
    id         text PRIMARY KEY,
    talent_id  text NOT NULL REFERENCES talent,
    hash       bytea NOT NULL CHECK (octet_length(hash) = 32),
    created_at timestamptz NOT NULL,
    revoked_at timestamptz
);
CREATE UNIQUE INDEX talent_tokens_hash ON talent_tokens (hash);
CREATE INDEX talent_tokens_talent ON talent_tokens (talent_id);

-- Great-circle distance by the haversine formula on the mean Earth radius (IUGG).
-- Not STRICT, so that the planner can inline it.
CREATE FUNCTION talent_km(lat1 double precision, lng1 double precision, lat2 double precision, lng2 double precision) RETURNS double precision
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN 2 * 6371.0088 * asin(least(1, sqrt(
    sin(radians(lat2 - lat1) / 2) ^ 2 + cos(radians(lat1)) * cos(radians(lat2)) * sin(radians(lng2 - lng1) / 2) ^ 2)));

-- +goose Down
DROP FUNCTION talent_km;
DROP TABLE talent_tokens;
DROP TABLE talent;
