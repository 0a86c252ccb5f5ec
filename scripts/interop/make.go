package main

import (
	"bufio"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const (
	keyName = "go.example.org"
	// The sizes of the trees with proofs go up to this one.
	maxSize = 40
)

type inclusion struct {
	Index int64    `json:"index"`
	Size  int64    `json:"size"`
	Proof []string `json:"proof"`
}

type prefix struct {
	OldSize int64    `json:"oldSize"`
	Size    int64    `json:"size"`
	Proof   []string `json:"proof"`
}

type output struct {
	VerifierKey string      `json:"verifierKey"`
	Leaves      []string    `json:"leaves"`
	Notes       []string    `json:"notes"`
	Inclusion   []inclusion `json:"inclusion"`
	Consistency []prefix    `json:"consistency"`
}

// sign prints a note, with a key in a file.
func sign(path string) error {
	key, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	signer, err := note.NewSigner(string(key))
	if err != nil {
		return err
	}
	text, err := io.ReadAll(os.Stdin)
	if err != nil {
		return err
	}
	signed, err := note.Sign(&note.Note{Text: string(text)}, signer)
	if err == nil {
		_, err = os.Stdout.Write(signed)
	}
	return err
}

// makeProofs writes proofs.json, and a bundle of the records of a log under a checkpoint of its own.
func makeProofs(folder, log string) error {
	private, public, err := note.GenerateKey(rand.Reader, keyName)
	if err != nil {
		return err
	}
	signer, err := note.NewSigner(private)
	if err != nil {
		return err
	}
	made := output{VerifierKey: public}
	var growing tree
	for size := int64(1); size <= maxSize; size++ {
		if err := made.grow(&growing, signer); err != nil {
			return err
		}
	}
	data, err := json.Marshal(made)
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(folder, "proofs.json"), data, 0o600); err != nil {
		return err
	}
	return makeBundle(filepath.Join(folder, "go-bundle.ndjson"), log, signer)
}

// grow adds a leaf to the tree, and what can be proven with it.
func (made *output) grow(growing *tree, signer note.Signer) error {
	leaf := tlog.RecordHash(fmt.Appendf(nil, "entry %d", growing.size))
	if err := growing.add(leaf); err != nil {
		return err
	}
	size := growing.size
	made.Leaves = append(made.Leaves, formatHashes([]tlog.Hash{leaf})...)
	signed, err := signRoot(growing, keyName+"/run", signer)
	if err != nil {
		return err
	}
	made.Notes = append(made.Notes, signed)
	for index := range size {
		proof, err := tlog.ProveRecord(size, index, growing)
		if err != nil {
			return err
		}
		made.Inclusion = append(made.Inclusion, inclusion{index, size, formatHashes(proof)})
		consistent, err := tlog.ProveTree(size, index+1, growing)
		if err != nil {
			return err
		}
		made.Consistency = append(made.Consistency, prefix{index + 1, size, formatHashes(consistent)})
	}
	return nil
}

func signRoot(signed *tree, origin string, signer note.Signer) (string, error) {
	root, err := tlog.TreeHash(signed.size, signed)
	if err != nil {
		return "", err
	}
	data, err := note.Sign(&note.Note{Text: checkpoint{origin, signed.size, root}.String()}, signer)
	return string(data), err
}

// makeBundle signs the first run of a log, and writes its records with proofs.
func makeBundle(path, log string, signer note.Signer) error {
	lines, err := readLines(log)
	if err != nil {
		return err
	}
	var whole tree
	run := ""
	for index, line := range lines {
		found, err := readRecord(line)
		if err != nil {
			return err
		}
		if run != "" && found.run != run {
			lines = lines[:index]
			break
		}
		run = found.run
		if err := whole.add(found.leaf); err != nil {
			return err
		}
	}
	signed, err := signRoot(&whole, keyName+"/"+run, signer)
	if err != nil {
		return err
	}
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	defer file.Close()
	out := bufio.NewWriter(file)
	for index, line := range lines {
		proof, err := tlog.ProveRecord(whole.size, int64(index), &whole)
		if err != nil {
			return err
		}
		data, err := json.Marshal(map[string]any{"note": signed, "path": formatHashes(proof)})
		if err != nil {
			return err
		}
		// Behind the members of the line, which stay as they are.
		fmt.Fprintf(out, "%s,\"proof\":%s}\n", line[:len(line)-1], data)
	}
	return out.Flush()
}
