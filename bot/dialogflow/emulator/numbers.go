package emulator

// The words for numbers. "un" and "una" are left out: they are articles far
// more often than numbers.

var units = map[string]float64{
	"cero": 0, "uno": 1, "dos": 2, "tres": 3, "cuatro": 4, "cinco": 5, "seis": 6, "siete": 7,
	"ocho": 8, "nueve": 9, "diez": 10, "once": 11, "doce": 12, "trece": 13, "catorce": 14,
	"quince": 15, "dieciseis": 16, "diecisiete": 17, "dieciocho": 18, "diecinueve": 19,
	"veintiuno": 21, "veintidos": 22, "veintitres": 23, "veinticuatro": 24, "veinticinco": 25,
	"veintiseis": 26, "veintisiete": 27, "veintiocho": 28, "veintinueve": 29,
	"zero": 0, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7,
	"eight": 8, "nine": 9, "ten": 10, "eleven": 11, "twelve": 12, "thirteen": 13,
	"fourteen": 14, "fifteen": 15, "sixteen": 16, "seventeen": 17, "eighteen": 18, "nineteen": 19,
}

var tens = map[string]float64{
	"veinte": 20, "treinta": 30, "cuarenta": 40, "cincuenta": 50, "sesenta": 60, "setenta": 70,
	"ochenta": 80, "noventa": 90, "cien": 100,
	"twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70,
	"eighty": 80, "ninety": 90, "hundred": 100,
}

var ordinals = map[string]float64{
	"first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5,
	"primero": 1, "primera": 1, "primer": 1, "segundo": 2, "segunda": 2, "tercero": 3,
	"tercera": 3, "tercer": 3, "cuarto": 4, "cuarta": 4, "quinto": 5, "quinta": 5,
}

// numberWords finds numbers below 101 in words: "five", "twenty five",
// "treinta y cinco".
func (f *finder) numberWords() []span {
	tokens := f.text.tokens
	var out []span
	for i := 0; i < len(tokens); i++ {
		n, to := 0.0, i+1
		switch ten, unit := tens[tokens[i].text], 0.0; {
		case ten > 0:
			n = ten
			next := i + 1
			if next < len(tokens) && tokens[next].text == "y" {
				next++
			}
			if next < len(tokens) {
				unit = units[tokens[next].text]
			}
			if unit >= 1 && unit <= 9 && ten < 100 {
				n, to = ten+unit, next+1
			}
		default:
			var known bool
			if n, known = units[tokens[i].text]; !known {
				continue
			}
		}
		out = append(out, span{tokens[i].start, tokens[to-1].end, value{n, f.text.text(i, to)}})
		i = to - 1
	}
	return out
}
