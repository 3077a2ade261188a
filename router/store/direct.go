package store

import (
	"context"
	"database/sql"
	"reflect"
	"strconv"
	"strings"
	"sync"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/schema"
)

// Every message passes a few statements, so that what gorm does around one is
// felt: it copies itself, builds the text anew and reads a row field by field.
// Take, Row and Exec run such a statement on the connection of tx as it is, and
// keep gorm's placeholders, errors and log of slow queries.

// Take reads the row of a query into dest, a pointer to a struct with gorm's
// names, and reports whether there was one. Columns that can be NULL need
// fields that can tell: pointers, or a sql.Scanner.
func Take(tx *gorm.DB, dest any, query string, args ...any) (found bool, err error) {
	defer trace(tx, time.Now(), query, &err)
	rows, err := tx.Statement.ConnPool.QueryContext(tx.Statement.Context, placeholders(tx, query), args...)
	if err != nil {
		return false, translate(tx, err)
	}
	defer rows.Close()
	if !rows.Next() {
		return false, translate(tx, rows.Err())
	}
	names, err := rows.Columns()
	if err != nil {
		return false, err
	}
	fields, err := places(tx, dest, names)
	if err != nil {
		return false, err
	}
	if err := rows.Scan(fields...); err != nil {
		return false, err
	}
	return true, translate(tx, rows.Close())
}

// Row reads the only row of a query, as database/sql does: sql.ErrNoRows says
// that there is none.
func Row(tx *gorm.DB, query string, args []any, dest ...any) (err error) {
	defer trace(tx, time.Now(), query, &err)
	err = tx.Statement.ConnPool.QueryRowContext(tx.Statement.Context, placeholders(tx, query), args...).Scan(dest...)
	return translate(tx, err)
}

// Exec runs a statement that gives no rows.
func Exec(tx *gorm.DB, query string, args ...any) (err error) {
	defer trace(tx, time.Now(), query, &err)
	_, err = tx.Statement.ConnPool.ExecContext(tx.Statement.Context, placeholders(tx, query), args...)
	return translate(tx, err)
}

func trace(tx *gorm.DB, begin time.Time, query string, err *error) {
	tx.Logger.Trace(tx.Statement.Context, begin, func() (string, int64) { return query, -1 }, *err)
}

func translate(tx *gorm.DB, err error) error {
	if t, ok := tx.Dialector.(gorm.ErrorTranslator); ok && err != nil {
		return t.Translate(err)
	}
	return err
}

// numbered keeps queries as PostgreSQL writes them; there are as many as the
// program has texts.
var numbered sync.Map

// placeholders writes $1, $2 for each ? where the database is PostgreSQL. No
// query of ours has a ? in a text.
func placeholders(tx *gorm.DB, query string) string {
	if tx.Dialector.Name() != string(Postgres) {
		return query
	}
	if known, ok := numbered.Load(query); ok {
		return known.(string)
	}
	var b strings.Builder
	parts := strings.Split(query, "?")
	for i, part := range parts {
		if i > 0 {
			b.WriteString("$" + strconv.Itoa(i))
		}
		b.WriteString(part)
	}
	numbered.Store(query, b.String())
	return b.String()
}

var schemas sync.Map

// places returns pointers to the fields of dest that columns are read into.
func places(tx *gorm.DB, dest any, columns []string) ([]any, error) {
	s, err := schema.Parse(dest, &schemas, tx.NamingStrategy)
	if err != nil {
		return nil, err
	}
	v := reflect.ValueOf(dest).Elem()
	out := make([]any, len(columns))
	for i, name := range columns {
		f := s.FieldsByDBName[name]
		if f == nil {
			out[i] = new(sql.RawBytes) // a column of a newer version of Relevo
			continue
		}
		out[i] = f.ReflectValueOf(context.Background(), v).Addr().Interface()
	}
	return out, nil
}
