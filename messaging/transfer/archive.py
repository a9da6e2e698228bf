"""The zip archive of an account: its conversations, and the files and ratings that belong to them."""

import hashlib
import mimetypes
import re
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from tempfile import SpooledTemporaryFile
from typing import IO, Any, cast

from django.utils.translation import gettext as _

from messaging.values.json import decode
from messaging.values.media import media_type
from messaging.values.problems import ValueRefused
from messaging.values.words import grouped

from .records import MAX_RECORD_VALUES
from .source import CHUNK, Budget, SourceBroken, Unusable

CONVERSATIONS = re.compile(r"(.*/)?(conversations(-\d+)?\.jsonl?|(conversations|chats)/[^/]+\.jsonl?)", re.I)
"""Where an account's conversations are: in one file, in several, or each in one of its own."""
RECORDS = re.compile(r".*\.jsonl?(\.gz)?", re.I)
FILE_ID = re.compile(r"file[-_][A-Za-z0-9]+")
NAMES, FEEDBACK = "conversation_asset_file_names.json", "message_feedback.json"
SIDE_FILES = re.compile(
    r"(.*/)?((message_feedback|shared_conversations|model_comparisons|users?|projects|memories|user_settings|"
    r"export_manifest|library_files|conversation_asset_file_names|shopping|sora|group_chats)\.json|chat\.html)",
    re.I,
)
BY_WINDOWS = 0x800
"""The flag of names in UTF-8; names without it are read as those of DOS."""
MAX_SIDE_FILE = 64 * 1024 * 1024
IN_MEMORY = 8 * 1024 * 1024
NAMED = 5
MOST_OF_A_DIRECTORY = 8 * 1024 * 1024
"""Bytes, some hundred for each file."""
SIZE_OF_DIRECTORY = 5


@dataclass(frozen=True, slots=True)
class ArchivedFile:
    """A file of the archive that messages may refer to. It was read to its end."""

    archive: zipfile.ZipFile
    info: zipfile.ZipInfo
    key: str
    name: str
    """The name that a person gave it, as far as the archive tells."""
    size: int
    mime_type: str
    sha256: str
    preview: None = None

    def open(self) -> IO[bytes]:
        """The bytes, in a file of its own. Raises OSError and BadZipFile."""
        copy = SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115  the caller closes it
        with self.archive.open(self.info) as member:
            while chunk := member.read(CHUNK):
                copy.write(chunk)
        copy.seek(0)
        return cast(IO[bytes], copy)


@dataclass
class Archive:
    """An archive that is open, or none."""

    zips: dict[str, zipfile.ZipFile] = field(default_factory=dict)
    """By what the names of their members begin with here."""
    budget: Budget = field(default_factory=Budget)
    copies: list["SpooledTemporaryFile[bytes]"] = field(default_factory=list)
    used: set[str] = field(default_factory=set)
    """The members that were read."""
    rated: set[str] = field(default_factory=set)
    """The ids of the messages whose rating was asked for, and is here."""

    @classmethod
    def of(cls, file: IO[bytes], budget: Budget) -> "Archive":
        """The archive in a file; one that holds archives alone counts as all of them. Raises Unusable."""
        archive = cls({"": _opened(file)}, budget)
        if not archive.has_conversations:
            inner = [name for name in archive.names if name.lower().endswith(".zip")]
            archive.zips |= {f"{name}/": archive._unpacked(name) for name in inner}
            del archive.names
        return archive

    @cached_property
    def names(self) -> dict[str, tuple[zipfile.ZipFile, zipfile.ZipInfo]]:
        """The members by name, with slashes however they were written; folders aside."""
        return {
            prefix + name: (one, info)
            for prefix, one in self.zips.items()
            for info in one.infolist()
            if not info.is_dir() and not (name := _name(info)).startswith("__MACOSX/")
        }

    @property
    def has_conversations(self) -> bool:
        """Whether members are named as an account's conversations are."""
        return any(map(CONVERSATIONS.fullmatch, self.names))

    def records(self) -> list[str]:
        """The names of the members with conversations; without any, of all that may hold some."""
        chosen = sorted(filter(CONVERSATIONS.fullmatch, self.names))
        others = (name for name in self.names if RECORDS.fullmatch(name) and not SIDE_FILES.fullmatch(name))
        return chosen or sorted(others)

    def chunks(self, name: str) -> Iterator[bytes]:
        """The bytes of a member. Raises SourceBroken in the middle."""
        self.used.add(name)
        yield from self._read(*self.names[name])

    def file(self, pointer: str) -> ArchivedFile | None:
        """The file that a pointer or an id names; None where it is not here, or cannot be read."""
        key = file_id(pointer) or pointer
        name = self._files.get(key)
        if name is None:
            return None
        self.used.add(name)
        with suppress(SourceBroken):
            return self._described(name, key)
        return None

    def feedback(self, message_id: str) -> Mapping[str, Any] | None:
        """How the reader rated this message; None for no rating."""
        rating = self._ratings.get(message_id)
        if rating is not None:
            self.rated.add(message_id)
        return rating

    def ratings_of_others(self) -> int:
        """How many ratings are of messages that nobody has asked for."""
        return len(self._ratings.keys() - self.rated)

    def unread(self) -> list[str]:
        """The members that nothing referred to."""
        return sorted(set(self.names) - self.used)

    @cached_property
    def _files(self) -> dict[str, str]:
        """The names of the members by the ids of files."""
        named = [(file_id(name), name) for name in sorted(self.names, reverse=True)]
        return {key: name for key, name in named if key and not RECORDS.fullmatch(name)}

    @cached_property
    def _given_names(self) -> dict[str, str]:
        """The names that people gave, by the ids of files."""
        given = self._side_file(NAMES)
        pairs = given.items() if isinstance(given, dict) else ()
        return {key: name for raw, name in pairs if isinstance(name, str) and name and (key := file_id(raw))}

    @cached_property
    def _ratings(self) -> dict[str, Mapping[str, Any]]:
        given = self._side_file(FEEDBACK)
        rows = [row for row in given if isinstance(row, dict)] if isinstance(given, list) else []
        return {str(row.get("message_id") or row.get("id")): row for row in rows}

    def _side_file(self, wanted: str) -> object:
        """The JSON of a member that accompanies the conversations; None for none that can be read."""
        for name, (one, info) in self.names.items():
            if name.rpartition("/")[2] == wanted and info.file_size <= MAX_SIDE_FILE:
                with suppress(SourceBroken, ValueRefused):
                    value: object = decode(b"".join(self._read(one, info)), most_values=MAX_RECORD_VALUES)
                    self.used.add(name)
                    return value
        return None

    def _described(self, name: str, key: str) -> ArchivedFile:
        one, info = self.names[name]
        digest, size, head = hashlib.sha256(), 0, b""
        for chunk in self._read(one, info):
            digest.update(chunk)
            head, size = head or chunk[:16], size + len(chunk)
        given = self._given_names.get(key) or name.rpartition("/")[2]
        guessed = mimetypes.guess_type(given)[0] or mimetypes.guess_type(name)[0]
        mime_type = media_type(head) or guessed or "application/octet-stream"
        return ArchivedFile(one, info, key, given, size, mime_type, digest.hexdigest())

    def _read(self, one: zipfile.ZipFile, info: zipfile.ZipInfo) -> Iterator[bytes]:
        try:
            with one.open(info) as member:
                while chunk := member.read(CHUNK):
                    self.budget.take(len(chunk))
                    yield chunk
        except (OSError, EOFError, zlib.error, zipfile.BadZipFile, NotImplementedError) as error:
            raise SourceBroken(_("The source breaks off: %(reason)s") % {"reason": error}) from error
        except RuntimeError as error:  # what zipfile raises for a password
            raise SourceBroken(_("Cannot be unpacked: %(reason)s") % {"reason": error}) from error

    def _unpacked(self, name: str) -> zipfile.ZipFile:
        """An archive within this one."""
        self.used.add(name)
        copy = SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115  open as long as the archive
        self.copies.append(copy)
        for chunk in self._read(*self.names[name]):
            copy.write(chunk)
        copy.seek(0)
        return _opened(cast(IO[bytes], copy))

    def close(self) -> None:
        """Close it, and what was unpacked of it."""
        for one in self.zips.values():
            one.close()
        for copy in self.copies:
            copy.close()


def file_id(pointer: str) -> str | None:
    """The id of a file in a pointer, or in the name of a member; None for neither."""
    last = pointer.rpartition("/")[2]
    if match := FILE_ID.match(last):
        return match[0]
    stem = last.partition("?")[0].partition("#")[0]
    return stem.removesuffix(".dat") if stem.endswith(".dat") or "://" in pointer else None


def named(names: Sequence[str]) -> str:
    """Some of these names, and how many more there are."""
    more = len(names) - NAMED
    told = ", ".join(names[:NAMED])
    return _("%(names)s and %(more)s more") % {"names": told, "more": grouped(more)} if more > 0 else told


def _opened(file: IO[bytes]) -> zipfile.ZipFile:
    try:
        # Python reads the directory of an archive whole.
        end = zipfile._EndRecData(file)  # type: ignore[attr-defined]  # knows every form of it
        if end is not None and end[SIZE_OF_DIRECTORY] > MOST_OF_A_DIRECTORY:
            raise Unusable(_("The archive holds too many files"))
        return zipfile.ZipFile(file)
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        told = _("The zip archive is damaged or not complete (%(reason)s): download it again")
        raise Unusable(told % {"reason": error}) from error


def _name(info: zipfile.ZipInfo) -> str:
    """The name with slashes, in Unicode, also where Windows has written it."""
    name = info.filename
    if not info.flag_bits & BY_WINDOWS:
        with suppress(UnicodeError):
            name = name.encode("cp437").decode("utf-8")
    return name.replace("\\", "/")
