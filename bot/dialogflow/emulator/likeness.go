package emulator

import (
	"math"
	"slices"
)

// space compares texts by their features, weighed by how rare each is among
// the phrases (tf-idf, cosine).
type space struct {
	ids      map[string]int
	idf      []float64
	unseen   float64     // weight of a feature that no phrase has
	postings [][]posting // by feature
	size     int
}

// posting says how much of a phrase's direction a feature is.
type posting struct {
	phrase int
	weight float64
}

// newSpace makes a space of the features of the phrases.
func newSpace(phrases [][]string) *space {
	s := &space{ids: map[string]int{}, size: len(phrases)}
	var seenIn []int
	counted := make([][]feature, len(phrases))
	for n, features := range phrases {
		counted[n] = count(features)
		for _, f := range counted[n] {
			id, known := s.ids[f.name]
			if !known {
				id = len(seenIn)
				s.ids[f.name] = id
				seenIn = append(seenIn, 0)
			}
			seenIn[id]++
		}
	}
	inverse := func(df int) float64 { return math.Log(float64(len(phrases)+1)/float64(df+1)) + 1 }
	s.unseen = inverse(0)
	s.postings = make([][]posting, len(seenIn))
	for _, df := range seenIn {
		s.idf = append(s.idf, inverse(df))
	}
	for n, features := range counted {
		s.post(n, features)
	}
	return s
}

func (s *space) post(n int, features []feature) {
	length := s.length(features)
	for _, f := range features {
		id := s.ids[f.name]
		s.postings[id] = append(s.postings[id], posting{n, f.count * s.idf[id] / length})
	}
}

// compare returns how like each phrase is to the features, 0 to 1. Features
// that no phrase has count against it: without them, a long text that shares
// one word with a phrase would pass for it.
func (s *space) compare(features []string) []float64 {
	out := make([]float64, s.size)
	counted := count(features)
	length := s.length(counted)
	for _, f := range counted {
		id, known := s.ids[f.name]
		if !known {
			continue
		}
		for _, p := range s.postings[id] {
			out[p.phrase] += f.count * s.idf[id] / length * p.weight
		}
	}
	return out
}

func (s *space) length(features []feature) float64 {
	sum := 0.0
	for _, f := range features {
		w := s.unseen
		if id, known := s.ids[f.name]; known {
			w = s.idf[id]
		}
		sum += f.count * f.count * w * w
	}
	return math.Sqrt(sum)
}

// feature is a feature with its count in one text.
type feature struct {
	name  string
	count float64
}

// count counts features in sorted order, so that sums come out the same to
// the last bit every time.
func count(features []string) []feature {
	slices.Sort(features)
	var out []feature
	for _, f := range features {
		if n := len(out); n > 0 && out[n-1].name == f {
			out[n-1].count++
			continue
		}
		out = append(out, feature{f, 1})
	}
	return out
}

// wordFeatures are the words and the pairs of neighbours.
func wordFeatures(tokens []token) []string {
	var out []string
	for i, t := range tokens {
		out = append(out, t.text)
		if i > 0 {
			out = append(out, tokens[i-1].text+" "+t.text)
		}
	}
	return out
}

// letterFeatures are the groups of three and four letters of each word with
// its ends marked; they forgive typing errors and endings.
func letterFeatures(tokens []token) []string {
	var out []string
	for _, t := range tokens {
		w := []rune("^" + t.text + "$")
		for n := 3; n <= 4; n++ {
			for i := 0; i+n <= len(w); i++ {
				out = append(out, string(w[i:i+n]))
			}
		}
	}
	return out
}
