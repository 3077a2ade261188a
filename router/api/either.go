package api

import "encoding/json"

// Either is a field or output that is one of two things, or null. With
// ",omitzero" a field that is neither is left out.
type Either[A, B any] struct {
	A *A
	B *B
}

// MarshalJSON shows the one that is there.
func (e Either[A, B]) MarshalJSON() ([]byte, error) {
	switch {
	case e.A != nil:
		return encode(e.A)
	case e.B != nil:
		return encode(e.B)
	}
	return []byte("null"), nil
}

// Variants tells documents what it may be.
func (Either[A, B]) Variants() (a, b any) { return *new(A), *new(B) }

var _ json.Marshaler = Either[int, int]{}
