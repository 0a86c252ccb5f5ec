package main

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

func checkLog(key, path string) error {
	verifier, err := note.NewVerifier(key)
	if err != nil {
		return err
	}
	lines, err := readLines(path)
	if err != nil {
		return err
	}
	trees := map[string]*tree{}
	var notes []string
	for _, line := range lines {
		found, err := readRecord(line)
		if err != nil {
			return err
		}
		if base64.RawURLEncoding.EncodeToString(found.leaf[:]) != found.stated {
			return fmt.Errorf("index %d: the hash is %s, not %s", found.index, base64.RawURLEncoding.EncodeToString(found.leaf[:]), found.stated)
		}
		if trees[found.run] == nil {
			trees[found.run] = &tree{}
		}
		if found.index != trees[found.run].size {
			return fmt.Errorf("index %d where %d was expected", found.index, trees[found.run].size)
		}
		if err := trees[found.run].add(found.leaf); err != nil {
			return err
		}
		notes = append(notes, found.checkpoints...)
	}
	ok("%d leaf hashes of %d runs", len(lines), len(trees))
	if err := checkNotes(notes, verifier, trees); err != nil {
		return err
	}
	return refuseChangedLines(lines)
}

func checkNotes(notes []string, verifier note.Verifier, trees map[string]*tree) error {
	for _, signed := range notes {
		opened, err := openCheckpoint(signed, verifier)
		if err != nil {
			return err
		}
		found := trees[strings.TrimPrefix(opened.origin, verifier.Name()+"/")]
		if found == nil {
			return fmt.Errorf("no run of %s", opened.origin)
		}
		root, err := tlog.TreeHash(opened.size, found)
		if err != nil {
			return err
		}
		if root != opened.root {
			return fmt.Errorf("the root of %d records is %s, not %s", opened.size, root, opened.root)
		}
	}
	if len(notes) == 0 {
		return fmt.Errorf("no checkpoints")
	}
	ok("%d notes open, with the roots that tlog computes", len(notes))
	changed := strings.Replace(notes[0], "\n", "0\n", 2)
	if _, err := openCheckpoint(changed, verifier); err == nil {
		return fmt.Errorf("a changed note was opened")
	}
	ok("a changed note is refused")
	return nil
}

// refuseChangedLines adds a digit to the sequence number of each line.
func refuseChangedLines(lines []string) error {
	for _, line := range lines {
		changed := strings.Replace(line, `"seq":`, `"seq":1`, 1)
		changed = strings.Replace(changed, `"sequence":`, `"sequence":1`, 1)
		found, err := readRecord(changed)
		if err == nil && base64.RawURLEncoding.EncodeToString(found.leaf[:]) == found.stated {
			return fmt.Errorf("a changed line has the same hash: %s", changed)
		}
	}
	ok("%d changed lines have another hash", len(lines))
	return nil
}

func checkBundle(key, path string) error {
	verifier, err := note.NewVerifier(key)
	if err != nil {
		return err
	}
	lines, err := readLines(path)
	if err != nil {
		return err
	}
	for _, line := range lines {
		found, err := readRecord(line)
		if err != nil {
			return err
		}
		opened, err := openCheckpoint(text(found.proof["note"]), verifier)
		if err != nil {
			return err
		}
		var path []string
		list, _ := found.proof["path"].([]any)
		for _, hash := range list {
			path = append(path, text(hash))
		}
		proof, err := parseHashes(path)
		if err != nil {
			return err
		}
		if err := tlog.CheckRecord(proof, opened.size, opened.root, found.index, found.leaf); err != nil {
			return fmt.Errorf("index %d: %w", found.index, err)
		}
		found.leaf[0] ^= 1
		if tlog.CheckRecord(proof, opened.size, opened.root, found.index, found.leaf) == nil {
			return fmt.Errorf("index %d: a changed record was accepted", found.index)
		}
	}
	if len(lines) == 0 {
		return fmt.Errorf("no records")
	}
	ok("%d inclusion proofs of a bundle, and none for a changed record", len(lines))
	return nil
}

// consistency is a proof that the log of a checkpoint begins with that of an older one.
type consistency struct {
	Old   string   `json:"old"`
	New   string   `json:"new"`
	Proof []string `json:"proof"`
}

func checkConsistency(key, path string) error {
	verifier, err := note.NewVerifier(key)
	if err != nil {
		return err
	}
	var proofs []consistency
	if err := readJSON(path, &proofs); err != nil {
		return err
	}
	refused := 0
	for _, each := range proofs {
		older, err := openCheckpoint(each.Old, verifier)
		if err != nil {
			return err
		}
		newer, err := openCheckpoint(each.New, verifier)
		if err != nil {
			return err
		}
		proof, err := parseHashes(each.Proof)
		if err != nil {
			return err
		}
		if err := tlog.CheckTree(proof, newer.size, newer.root, older.size, older.root); err != nil {
			return fmt.Errorf("%d of %d: %w", older.size, newer.size, err)
		}
		for i := range proof {
			proof[i][0] ^= 1
			if tlog.CheckTree(proof, newer.size, newer.root, older.size, older.root) == nil {
				return fmt.Errorf("%d of %d: a changed proof was accepted", older.size, newer.size)
			}
			proof[i][0] ^= 1
			refused++
		}
	}
	ok("%d consistency proofs, %d changed ones refused", len(proofs), refused)
	return nil
}

func checkNumbers(path string) error {
	var numbers []string
	if err := readJSON(path, &numbers); err != nil {
		return err
	}
	for _, expected := range numbers {
		number, err := strconv.ParseFloat(expected, 64)
		if err != nil {
			return err
		}
		if formatted := formatNumber(number); formatted != expected {
			return fmt.Errorf("the number is %s, not %s", formatted, expected)
		}
	}
	ok("%d numbers have one form", len(numbers))
	return nil
}

func readJSON(path string, value any) error {
	data, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	return json.Unmarshal(data, value)
}
