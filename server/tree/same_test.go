package tree

import (
	"reflect"
	"testing"
)

// TestSameSeesEveryField: a field of Channel that same did not compare would be told late, or never.
func TestSameSeesEveryField(t *testing.T) {
	whole := reflect.TypeFor[Channel]()
	for i := range whole.NumField() {
		var a, b Channel
		switch f := reflect.ValueOf(&b).Elem().Field(i); f.Kind() {
		case reflect.Int, reflect.Int64:
			f.SetInt(7)
		case reflect.Float64:
			f.SetFloat(7)
		case reflect.Bool:
			f.SetBool(true)
		case reflect.String:
			f.SetString("x")
		case reflect.Slice:
			f.Set(reflect.MakeSlice(f.Type(), 1, 1))
		case reflect.Struct:
			f.Field(0).SetFloat(7)
		default:
			t.Fatalf("%s: say here how to change a %s", whole.Field(i).Name, f.Kind())
		}
		if same(&a, &b) || same(&b, &a) || !same(&b, &b) {
			t.Errorf("same does not look at %s", whole.Field(i).Name)
		}
	}
}
