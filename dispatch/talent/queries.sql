-- name: InsertTalent :execrows
INSERT INTO talent (id, livemode, registered_by, name, email, bio, skills, task_types, languages, city, lat, lng, radius_km, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
ON CONFLICT (livemode, lower(email)) DO NOTHING;

-- name: InsertToken :exec
INSERT INTO talent_tokens (id, talent_id, hash, created_at) VALUES ($1, $2, $3, $4);

-- name: LockTalent :one
SELECT * FROM talent WHERE id = $1 FOR NO KEY UPDATE;

-- name: RevokeTokens :execrows
UPDATE talent_tokens SET revoked_at = @now::timestamptz WHERE talent_id = @talent_id AND revoked_at IS NULL;

-- name: TalentByHash :one
SELECT sqlc.embed(t) FROM talent t JOIN talent_tokens k ON k.talent_id = t.id WHERE k.hash = $1 AND k.revoked_at IS NULL;

-- name: Talent :one
SELECT * FROM talent WHERE id = $1 AND livemode = $2;

-- name: Email :one
SELECT email FROM talent WHERE id = $1;

-- name: Complete :execrows
UPDATE talent SET completed_jobs = completed_jobs + 1 WHERE id = $1;

-- name: DistanceTo :one
-- Distances are those of coarse coordinates, as Coarse makes them: exact ones,
-- asked from three points, would tell where somebody lives.
SELECT talent_km(@lat::float8, @lng::float8, round(t.lat * 100) / 100, round(t.lng * 100) / 100)::float8 AS km
FROM talent t WHERE t.id = @id AND t.livemode = @livemode AND t.lat IS NOT NULL;

-- name: SearchNear :many
-- OFFSET 0 keeps the distance from being computed again for each use of it.
SELECT sqlc.embed(t), near.km
FROM talent t CROSS JOIN LATERAL (SELECT talent_km(@lat::float8, @lng::float8, round(t.lat * 100) / 100, round(t.lng * 100) / 100)::float8 AS km OFFSET 0) near
WHERE t.livemode = @livemode
  AND t.lat BETWEEN @lat_min::float8 AND @lat_max::float8
  AND (t.lng BETWEEN @west_min::float8 AND @west_max::float8 OR t.lng BETWEEN @east_min::float8 AND @east_max::float8)
  AND t.skills @> @skills::text[]
  AND NOT EXISTS (SELECT FROM unnest(@languages::text[]) AS want
                  WHERE NOT EXISTS (SELECT FROM unnest(t.languages) AS has WHERE has = want OR starts_with(has, want || '-')))
  AND (@task_type::text = '' OR @task_type = ANY (t.task_types))
  AND (@city::text = '' OR lower(split_part(t.city, ',', 1)) = @city)
  AND (sqlc.narg('min_rating')::float8 IS NULL OR t.rating >= sqlc.narg('min_rating'))
  AND near.km <= least(t.radius_km, @radius_km::float8)
  AND (near.km, t.id) > (@after_km::float8, @after_id::text)
ORDER BY near.km, t.id
LIMIT @lim;

-- name: SearchRanked :many
SELECT t.*
FROM talent t
WHERE t.livemode = @livemode
  AND t.skills @> @skills::text[]
  AND NOT EXISTS (SELECT FROM unnest(@languages::text[]) AS want
                  WHERE NOT EXISTS (SELECT FROM unnest(t.languages) AS has WHERE has = want OR starts_with(has, want || '-')))
  AND (@task_type::text = '' OR @task_type = ANY (t.task_types))
  AND (@city::text = '' OR lower(split_part(t.city, ',', 1)) = @city)
  AND (sqlc.narg('min_rating')::float8 IS NULL OR t.rating >= sqlc.narg('min_rating'))
  AND (coalesce(t.rating, -1), t.completed_jobs) <= (@after_rating::float8, @after_jobs::int)
  AND ((coalesce(t.rating, -1), t.completed_jobs) < (@after_rating, @after_jobs) OR t.id > @after_id::text)
ORDER BY coalesce(t.rating, -1) DESC, t.completed_jobs DESC, t.id
LIMIT @lim;
