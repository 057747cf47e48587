package client

import (
	"context"
	"iter"
	"net/http"
	"net/url"
)

// List is one page of a list.
type List[T any] struct {
	Data    []T  `json:"data"`
	HasMore bool `json:"has_more"` // whether another page follows
}

// Page says which part of a list is wanted.
type Page struct {
	Limit         int    // at most this many, 1 to 100; 20 when 0
	StartingAfter string // the id of the last object of the previous page
}

func (p Page) query() url.Values {
	return url.Values{"limit": {number(p.Limit)}, "starting_after": {p.StartingAfter}}
}

// all goes through every object of a list, fetching pages as it goes. It ends
// at the first error, which it yields.
func all[T any](ctx context.Context, p Page, list func(context.Context, Page) (List[T], error), id func(T) string) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for {
			page, err := list(ctx, p)
			if err != nil {
				var none T
				yield(none, err)
				return
			}
			for _, object := range page.Data {
				if !yield(object, nil) {
					return
				}
			}
			if !page.HasMore || len(page.Data) == 0 {
				return
			}
			p.StartingAfter = id(page.Data[len(page.Data)-1])
		}
	}
}

// listAt fetches one page of a list.
func listAt[T any](ctx context.Context, c *Client, path string, query url.Values) (List[T], error) {
	return call[List[T]](ctx, c, http.MethodGet, withQuery(path, query), nil)
}
