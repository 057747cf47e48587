package api

import (
	"reflect"

	"github.com/danielgtaylor/huma/v2"
)

// Page is the input of lists, embedded. Lists are ordered newest first unless
// their operation says otherwise.
type Page struct {
	Limit         int    `query:"limit" minimum:"1" maximum:"100" default:"20" doc:"How many to return at most"`
	StartingAfter string `query:"starting_after" minLength:"1" maxLength:"64" doc:"The id of the last object of the previous page"`
}

// list is the body of lists.
type list[T any] struct {
	Data    []T  `json:"data" nullable:"false" doc:"The objects of this page"`
	HasMore bool `json:"has_more" doc:"Whether another page follows: send the last id as starting_after"`
}

// listOf makes a list of what a query for limit+1 rows found, each shown by view.
func listOf[R, T any](rows []R, limit int, view func(R) T) list[T] {
	l := list[T]{Data: make([]T, 0, min(len(rows), limit)), HasMore: len(rows) > limit}
	for _, row := range rows[:min(len(rows), limit)] {
		l.Data = append(l.Data, view(row))
	}
	return l
}

// optional is a query parameter whose absence differs from its zero value.
type optional[T any] struct {
	Value T
	Given bool
}

// Schema documents the value, not the wrapper.
func (o optional[T]) Schema(r huma.Registry) *huma.Schema {
	return huma.SchemaFromType(r, reflect.TypeFor[T]())
}

// Receiver tells huma where the parsed value goes.
func (o *optional[T]) Receiver() reflect.Value { return reflect.ValueOf(&o.Value).Elem() }

// OnParamSet tells whether the parameter was there.
func (o *optional[T]) OnParamSet(given bool, _ any) { o.Given = given }

func (o optional[T]) pointer() *T {
	if !o.Given {
		return nil
	}
	return &o.Value
}
