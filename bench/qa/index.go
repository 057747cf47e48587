package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/humandispatch/humandispatch/db"
	"github.com/humandispatch/humandispatch/dispatch"
	"github.com/humandispatch/humandispatch/dispatch/dispatchtest"
	"github.com/humandispatch/humandispatch/media"
)

// target is what looking one photo up may take.
const target = 20 * time.Millisecond

// lookups is a tracer that keeps the statements asked of the index, as the
// domain really asks them.
type lookups struct {
	sql  string
	args []any
	took []time.Duration
}

type begun struct{}

func (l *lookups) TraceQueryStart(ctx context.Context, _ *pgx.Conn, q pgx.TraceQueryStartData) context.Context {
	if !strings.Contains(q.SQL, "FROM file_hashes") {
		return ctx
	}
	if strings.Contains(q.SQL, "band0") {
		l.sql, l.args = q.SQL, q.Args
	}
	return context.WithValue(ctx, begun{}, time.Now())
}

func (l *lookups) TraceQueryEnd(ctx context.Context, _ *pgx.Conn, _ pgx.TraceQueryEndData) {
	if at, ok := ctx.Value(begun{}).(time.Time); ok {
		l.took = append(l.took, time.Since(at))
	}
}

// lookUp fills the index with n files and measures how long one photo takes to
// be found, or not found, among them: the exact and the perceptual lookup.
func (b *bench) lookUp(ctx context.Context, url string, n int) error {
	fmt.Printf("filling the index with %d files ...\n", n)
	var order dispatchtest.WorkOrder
	err := db.WithTx(ctx, b.pool, func(tx pgx.Tx) (err error) {
		order, err = b.Book(ctx, tx, true, dispatchtest.ProductTask(1, b.Now))
		return err
	})
	if err != nil {
		return err
	}
	// The files of the index have no rows of their own: only the index is measured.
	for _, sql := range []string{
		`ALTER TABLE file_hashes DROP CONSTRAINT file_hashes_file_id_fkey`,
		fmt.Sprintf(`INSERT INTO file_hashes (file_id, work_order_id, livemode, seen_at, sha256, phash, band0, band1, band2, band3)
			SELECT 'file_bench' || i, '%s', true, now() - interval '1 day', encode(sha256(int8send(i)), 'hex'), h, (h & 65535)::int, (h >> 16 & 65535)::int, (h >> 32 & 65535)::int, (h >> 48 & 65535)::int
			FROM generate_series(1, %d) i, LATERAL (SELECT ('x' || substr(encode(sha256(int8send(-i)), 'hex'), 1, 16))::bit(64)::bigint h) x`, order.ID, n),
		`ANALYZE file_hashes`,
	} {
		if _, err := b.pool.Exec(ctx, sql); err != nil {
			return fmt.Errorf("fill the index: %w", err)
		}
	}

	traced := &lookups{}
	config, err := pgxpool.ParseConfig(url)
	if err != nil {
		return err
	}
	config.MaxConns, config.ConnConfig.Tracer = 1, traced
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return err
	}
	defer pool.Close()
	const photos = 200
	found, preflight := 0, time.Duration(0)
	for i := range photos {
		reused, took, err := b.ask(ctx, pool, i, i%2 == 0)
		if err != nil {
			return err
		}
		preflight += took
		if reused {
			found++
		}
	}
	// Each photo is looked up by its bytes, then by its picture.
	each := make([]time.Duration, photos)
	for i, took := range traced.took {
		each[i/2] += took
	}
	slices.Sort(each)
	verdict := "met"
	if each[photos*99/100] > target {
		verdict = "MISSED"
	}
	fmt.Printf("one photo among %d: median %.2f ms, 99th percentile %.2f ms, worst %.2f ms (target %s: %s); %d of %d found, %d expected; the whole preflight query %.2f ms\n",
		n, ms(each[photos/2]), ms(each[photos*99/100]), ms(each[photos-1]), target, verdict, found, photos, photos/2, ms(preflight/photos))
	return explain(ctx, pool, traced)
}

func ms(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// ask looks up the i-th photo: one five bits from a picture in the index, or one
// that was never seen.
func (b *bench) ask(ctx context.Context, pool *pgxpool.Pool, i int, known bool) (reused bool, took time.Duration, err error) {
	err = db.WithTx(ctx, pool, func(tx pgx.Tx) error {
		o, err := b.Book(ctx, tx, true, dispatchtest.ProductTask(1, b.Now))
		if err != nil {
			return err
		}
		s, err := b.UploadPhotos(ctx, tx, o, fmt.Appendf(nil, "photo %d", i))
		if err != nil {
			return err
		}
		seed := fmt.Sprintf("int8send(%d)", -(i + 1))
		if !known {
			seed = fmt.Sprintf("'never %d'", i)
		}
		var hash int64
		if err := tx.QueryRow(ctx, `SELECT ('x' || substr(encode(sha256(`+seed+`), 'hex'), 1, 16))::bit(64)::bigint`).Scan(&hash); err != nil {
			return err
		}
		facts := fmt.Sprintf(`{"ok":true,"kind":"photo","format":"jpeg","sha256":"%064d","signals":{"image":{"phash":"%d"}}}`, i, uint64(hash)^0x0001_0003_0001_0001)
		if err := b.Dispatch.SaveFacts(ctx, tx, s.Files[0].FileID, []byte(facts), media.Version); err != nil {
			return err
		}
		start := time.Now()
		input, _, err := b.Dispatch.Preflight(ctx, tx, o.Talent, o.ID, dispatch.Submission{Files: s.Files})
		took = time.Since(start)
		reused = err == nil && input.Submission.Files[0].Reused != nil
		return err
	})
	return reused, took, err
}

// explain says whether the perceptual lookup went through the band indexes.
func explain(ctx context.Context, pool *pgxpool.Pool, l *lookups) error {
	rows, err := pool.Query(ctx, "EXPLAIN ANALYZE "+l.sql, l.args...)
	if err != nil {
		return err
	}
	plan, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return err
	}
	text := strings.Join(plan, "\n")
	for _, index := range []string{"file_hashes_band0", "file_hashes_band1", "file_hashes_band2", "file_hashes_band3"} {
		if !strings.Contains(text, index) {
			return fmt.Errorf("the lookup does not use the index %s:\n%s", index, text)
		}
	}
	fmt.Printf("  through the four band indexes: %s\n\n", strings.TrimSpace(plan[len(plan)-1]))
	return nil
}
