package flow

// Nearest returns the candidate that is the fewest slips of the keyboard away
// from word (a letter too many, missing, wrong, or two swapped), if that is at
// most limit, else "".
func Nearest(word string, candidates []string, limit int) string {
	best := ""
	for _, c := range candidates {
		if d := slips([]rune(word), []rune(c)); d <= limit {
			best, limit = c, d-1
		}
	}
	return best
}

// slips is the optimal string alignment distance of a and b.
func slips(a, b []rune) int {
	var before, last []int
	now := make([]int, len(b)+1)
	for j := range now {
		now[j] = j
	}
	for i := 1; i <= len(a); i++ {
		before, last, now = last, now, make([]int, len(b)+1)
		now[0] = i
		for j := 1; j <= len(b); j++ {
			wrong := 1
			if a[i-1] == b[j-1] {
				wrong = 0
			}
			now[j] = min(last[j]+1, now[j-1]+1, last[j-1]+wrong)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				now[j] = min(now[j], before[j-2]+1)
			}
		}
	}
	return now[len(b)]
}
