"""The lines on which the keys of a TOML text stand, which tomllib does not tell."""

import re
import tomllib

KeyPath = tuple[str | int, ...]
"""The keys that lead to a field, and its index in an array."""

_TOKEN = re.compile(
    r"""(?P<blank>[ \t]+|\#[^\n]*)
    | \n | [\[\]{}=,.]
    | \"{3} (?:\\.|[^\\])*? \"{3,5} | '{3} .*? '{3,5} | \"(?:\\.|[^"\\])*\" | '[^']*'
    | [^\s\[\]{}=,.\#"']+""",
    re.VERBOSE | re.DOTALL,
)


class TomlLines:
    """Where the keys of a TOML text stand."""

    def __init__(self, text: str) -> None:
        """`text` must be one that tomllib can parse."""
        self._lines: dict[KeyPath, int] = {(): 1}
        self._tokens: list[tuple[str, int]] = []
        line = 1
        for match in _TOKEN.finditer(text):
            if not match["blank"]:
                self._tokens.append((match[0], line))
            line += match[0].count("\n")
        self._tokens.reverse()
        self._document()

    def of(self, path: KeyPath) -> int:
        """The line of a key, or of the nearest table around it when the text does not have the key."""
        while path not in self._lines:
            path = path[:-1]
        return self._lines[path]

    def _document(self) -> None:
        table: KeyPath = ()
        while self._tokens:
            if self._accept("["):
                self._accept("[")
                table = self._key(())
                self._accept("]")
                self._accept("]")
            elif not self._accept("\n"):
                self._pair(table)

    def _pair(self, table: KeyPath) -> None:
        path = self._key(table)
        self._accept("=")
        self._value(path)

    def _key(self, path: KeyPath) -> KeyPath:
        while True:
            word, line = self._tokens.pop()
            path += (tomllib.loads(f"key = {word}")["key"] if word[0] in "\"'" else word,)
            self._lines.setdefault(path, line)
            if not self._accept("."):
                return path

    def _value(self, path: KeyPath) -> None:
        self._lines.setdefault(path, self._tokens[-1][1])
        if self._accept("{"):
            while not self._accept("}"):
                if not self._accept(",", "\n"):
                    self._pair(path)
        elif self._accept("["):
            index = 0
            while not self._accept("]"):
                if not self._accept(",", "\n"):
                    self._value((*path, index))
                    index += 1
        else:
            while self._tokens and self._tokens[-1][0] not in (",", "\n", "]", "}"):
                self._tokens.pop()

    def _accept(self, *tokens: str) -> bool:
        found = bool(self._tokens) and self._tokens[-1][0] in tokens
        if found:
            self._tokens.pop()
        return found
