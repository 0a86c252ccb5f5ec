package main

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"
)

// canonicalize writes a parsed value as canonical JSON (RFC 8785), without members that are null.
func canonicalize(out *strings.Builder, value any) error {
	switch value := value.(type) {
	case nil:
		out.WriteString("null")
	case bool:
		out.WriteString(strconv.FormatBool(value))
	case json.Number:
		number, err := strconv.ParseFloat(string(value), 64)
		if err != nil {
			return err
		}
		out.WriteString(formatNumber(number))
	case string:
		quote(out, value)
	case []any:
		return canonicalizeList(out, value)
	case map[string]any:
		return canonicalizeObject(out, value)
	default:
		return fmt.Errorf("no JSON: %T", value)
	}
	return nil
}

func canonicalizeList(out *strings.Builder, list []any) error {
	out.WriteByte('[')
	for index, item := range list {
		if index > 0 {
			out.WriteByte(',')
		}
		if err := canonicalize(out, item); err != nil {
			return err
		}
	}
	out.WriteByte(']')
	return nil
}

func canonicalizeObject(out *strings.Builder, object map[string]any) error {
	out.WriteByte('{')
	isFirst := true
	for _, name := range sortedNames(object) {
		if object[name] == nil {
			continue
		}
		if !isFirst {
			out.WriteByte(',')
		}
		isFirst = false
		quote(out, name)
		out.WriteByte(':')
		if err := canonicalize(out, object[name]); err != nil {
			return err
		}
	}
	out.WriteByte('}')
	return nil
}

// sortedNames sorts by UTF-16 code units (RFC 8785 section 3.2.3), which differs from the order of UTF-8.
func sortedNames(object map[string]any) []string {
	names := make([]string, 0, len(object))
	for name := range object {
		names = append(names, name)
	}
	slices.SortFunc(names, func(a, b string) int {
		return slices.Compare(utf16.Encode([]rune(a)), utf16.Encode([]rune(b)))
	})
	return names
}

// quote escapes what RFC 8785 section 3.2.2.2 names, and nothing else.
func quote(out *strings.Builder, text string) {
	out.WriteByte('"')
	for _, character := range text {
		if escape := strings.IndexRune("\"\\\b\f\n\r\t", character); escape >= 0 {
			out.WriteByte('\\')
			out.WriteByte("\"\\bfnrt"[escape])
		} else if character < 0x20 {
			fmt.Fprintf(out, `\u%04x`, character)
		} else {
			out.WriteRune(character)
		}
	}
	out.WriteByte('"')
}

// formatNumber follows Number::toString of ECMAScript, as RFC 8785 section 3.2.2.3 asks for.
func formatNumber(number float64) string {
	if number == 0 {
		return "0"
	}
	size := math.Abs(number)
	if size >= 1e-6 && size < 1e21 {
		return strconv.FormatFloat(number, 'f', -1, 64)
	}
	digits, exponent, _ := strings.Cut(strconv.FormatFloat(number, 'e', -1, 64), "e")
	// Go writes at least two digits of the exponent.
	return digits + "e" + exponent[:1] + strings.TrimLeft(exponent[1:], "0")
}
