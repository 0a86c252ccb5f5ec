// Checks what http-audit-log seals with an implementation of its own: golang.org/x/mod/sumdb and the standard library.
//
//	interop log KEY FILE|-             leaf hashes, notes and roots of a sealed log
//	interop bundle KEY FILE            inclusion proofs of `http-audit-log prove`
//	interop consistency KEY FILE       consistency proofs, as make-input.ts writes them
//	interop numbers FILE               numbers as JavaScript writes them
//	interop sign FILE                  signs a text from stdin with a private key of ours
//	interop make FOLDER LOG            writes checkpoints and proofs of its own, for check-output.ts
package main

import (
	"bufio"
	"fmt"
	"os"
)

func main() {
	err := run(os.Args[1:])
	if err != nil {
		fmt.Println("FAILED:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) < 2 {
		return fmt.Errorf("expected a command and its arguments")
	}
	command, rest := args[0], args[1:]
	switch {
	case command == "log" && len(rest) == 2:
		return checkLog(rest[0], rest[1])
	case command == "bundle" && len(rest) == 2:
		return checkBundle(rest[0], rest[1])
	case command == "consistency" && len(rest) == 2:
		return checkConsistency(rest[0], rest[1])
	case command == "numbers":
		return checkNumbers(rest[0])
	case command == "sign":
		return sign(rest[0])
	case command == "make" && len(rest) == 2:
		return makeProofs(rest[0], rest[1])
	}
	return fmt.Errorf("unknown command %q", args)
}

// ok prints one line for each check.
func ok(format string, values ...any) {
	fmt.Printf("ok: "+format+"\n", values...)
}

func readLines(path string) ([]string, error) {
	file := os.Stdin
	if path != "-" {
		opened, err := os.Open(path)
		if err != nil {
			return nil, err
		}
		defer opened.Close()
		file = opened
	}
	scanner := bufio.NewScanner(file)
	scanner.Buffer(nil, 1<<24)
	var lines []string
	for scanner.Scan() {
		lines = append(lines, scanner.Text())
	}
	return lines, scanner.Err()
}
