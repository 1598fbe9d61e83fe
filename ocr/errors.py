"""Unusable files: one class per cause, each with a stable code and a Polish sentence of cause and remedy.

Nothing is retried here: which codes a scanner that is still writing may cause, ``documents.folder`` knows.
Messages name neither the file's path nor anything read from it.
"""

from __future__ import annotations

from typing import ClassVar


class DocumentError(Exception):
    """A file that cannot be read as a document; subclasses name the cause."""

    code: ClassVar[str] = "unusable"
    message: ClassVar[str] = "Pliku nie da się odczytać. Zeskanuj dokument jeszcze raz."

    def __init__(self) -> None:
        super().__init__(self.message)

    def __reduce__(self) -> tuple[type[DocumentError], tuple[()]]:
        """So that one goes from process to process."""
        return type(self), ()


class EmptyFileError(DocumentError):
    """Zero bytes."""

    code = "empty_file"
    message = "Plik jest pusty. Zeskanuj lub wyślij dokument jeszcze raz."


class TruncatedFileError(DocumentError):
    """The end of the file is missing: still being written, or cut off on its way."""

    code = "truncated"
    message = "Plik jest niepełny (brakuje jego końca). Zeskanuj lub wyślij dokument jeszcze raz."


class EncryptedFileError(DocumentError):
    """A PDF that opens only with a password."""

    code = "encrypted"
    message = "Plik PDF jest zabezpieczony hasłem. Zapisz go bez hasła i wyślij ponownie."


class NoPagesError(DocumentError):
    """A document without pages."""

    code = "no_pages"
    message = "Dokument nie ma żadnej strony. Zeskanuj lub zapisz go jeszcze raz."


class TooManyPagesError(DocumentError):
    """More pages than the settings allow."""

    code = "too_many_pages"
    message = "Dokument ma za dużo stron. Podziel go na mniejsze pliki."


class PageTooLargeError(DocumentError):
    """A page image larger than the settings allow; found before decoding it."""

    code = "page_too_large"
    message = "Obraz strony jest za duży. Zeskanuj ją w rozdzielczości 200-300 dpi."


class UnknownFormatError(DocumentError):
    """Neither PDF nor TIFF, JPEG, PNG or HEIC."""

    code = "unknown_format"
    message = "To nie jest plik PDF, TIFF, JPEG, PNG ani HEIC. Zapisz dokument w jednym z tych formatów."


class NotAPhotoError(DocumentError):
    """A PDF or a TIFF among photos that are to be the pages of one document."""

    code = "not_a_photo"
    message = "Razem można wysłać tylko zdjęcia (JPEG, PNG albo HEIC). Plik PDF albo TIFF wyślij osobno."


class NotAFileError(DocumentError):
    """A directory, a symbolic link or a device."""

    code = "not_a_file"
    message = "To nie jest zwykły plik (folder, dowiązanie lub urządzenie). Umieść tu sam plik dokumentu."


class MissingFileError(DocumentError):
    """Nothing is there under that name."""

    code = "missing_file"
    message = "Nie ma takiego pliku. Sprawdź nazwę i miejsce."


class NoPermissionError(DocumentError):
    """The process may not read the file."""

    code = "no_permission"
    message = "Brak prawa odczytu pliku. Nadaj programowi prawo do odczytu tego pliku."


class FileTooLargeError(DocumentError):
    """More bytes than the settings allow."""

    code = "file_too_large"
    message = "Plik jest za duży. Podziel go albo zeskanuj w niższej rozdzielczości."


class DamagedFileError(DocumentError):
    """The file is whole but its content contradicts its format."""

    code = "damaged"
    message = "Plik jest uszkodzony. Zeskanuj lub zapisz dokument jeszcze raz."


class TooCostlyError(DocumentError):
    """Looking at the file needs more memory or time than the settings allow."""

    code = "too_costly"
    message = (
        "Odczyt pliku trwa za długo albo wymaga za dużo pamięci. Jeśli plik ma wiele stron, podziel go na pliki po "
        "kilka stron. Jeśli to skan, zeskanuj dokument w rozdzielczości najwyżej 300 dpi, czarno-biało lub "
        "w szarościach. Plik PDF z komputera wydrukuj do nowego pliku PDF."
    )


class ReaderDiedError(DocumentError):
    """The program that looked at the file ended, twice."""

    code = "reader_died"
    message = (
        "Przy tym pliku program odczytu się zakończył. Zeskanuj dokument jeszcze raz albo zapisz go w innym programie."
    )


class TesseractMissingError(RuntimeError):
    """Tesseract or its language data is not installed; a fault of the installation, not of a document."""
