"""The one table of what is kept: each kind of data with its purpose, how long it is kept, and what happens then.

The register of processing (RODO) in docs/administrator.md is made of it, `ebok retention list` shows it with the
periods in force, and the nightly run carries it out. A test holds it against all tables of the database and all places
in ``EBOK_HOME``. Texts are Polish, as the administrator reads them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from access import identities, sessions, tries
from audit.verification import shorten
from confirmations import stopped_addresses
from documents import drafts
from environment.settings import get_settings
from portal import sessions as account_sessions
from retention import contacts, documents, files
from retention.bundles import Bundle, Files, Rows

_CLAIMS: Final = "RODO art. 6 ust. 1 lit. f; KC art. 118 (roszczenia)"
_CONTRACT: Final = "RODO art. 6 ust. 1 lit. b (umowa o usługi komunalne)"
_CONSENT: Final = "RODO art. 5 ust. 2, art. 7 ust. 1; ustawa o VAT art. 106n"
_SECURITY: Final = "RODO art. 32; art. 6 ust. 1 lit. f (bezpieczeństwo)"
_TECHNICAL: Final = "nie zawiera danych osobowych"


@dataclass(frozen=True, slots=True)
class DataCategory:
    """One kind of data.

    ``setting`` names the period in days; without one ``period`` says what holds. ``then`` is what happens when it is
    over, ``counted`` from when it counts. ``tables`` and ``places`` (in ``EBOK_HOME``) are where data of this kind lie.
    """

    code: str
    name: str
    purpose: str
    basis: str
    counted: str
    then: str
    setting: str | None = None
    period: str = ""
    tables: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    rows: Rows | None = None
    files: Files | None = None

    @property
    def days(self) -> int | None:
        """The period in force, 0 for ever; None where no setting rules it."""
        return None if self.setting is None else int(getattr(get_settings(), self.setting))


KINDS: Final = (
    DataCategory(
        "drafts",
        "Formularze zaczęte na stronie i niewysłane",
        "żeby nadawca mógł dokończyć",
        "RODO art. 6 ust. 1 lit. b (przed umową)",
        "od ostatniej zmiany",
        "usunięte",
        setting="draft_days",
        tables=("drafts",),
        rows=lambda session, _cutoff, _after: Bundle(drafts.sweep_away(session)),
    ),
    DataCategory(
        "unproven",
        "Odnośniki, których nikt nie użył, i to, czego dotyczyły",
        "potwierdzenie, że adres jest nadawcy",
        _CONTRACT,
        "od terminu odnośnika",
        "adres usunięty, niepotwierdzona zgoda zamknięta, czekające konto usunięte",
        setting="keep_unproven_days",
        tables=("proofs",),
        rows=contacts.unproven,
    ),
    DataCategory(
        "password_links",
        "Odnośniki do ustawienia hasła",
        "dostęp właściciela do konta",
        _CONTRACT,
        "od terminu odnośnika",
        "usunięte",
        setting="keep_unproven_days",
        tables=("password_links",),
        rows=contacts.password_links,
    ),
    DataCategory(
        "consents",
        "Zgody z dowodem: kto, formularz i wersja, wersja regulaminu, dni podpisu, wpływu i obowiązywania, adres "
        "i kiedy potwierdzony, sprawa (jaką drogą przyszła), skrót oryginału",
        "wykazanie, że faktury elektroniczne i konto miały zgodę",
        _CONSENT,
        "od końca zgody",
        "usunięte razem z odnośnikami; zgoda w mocy zostaje",
        setting="keep_consents_days",
        tables=("consents", "proofs", "terms_answers"),
        rows=contacts.consents,
    ),
    DataCategory(
        "accounts",
        "Zamknięte konta eBOK: login, telefon, skrót hasła, dalsze numery klienta",
        "wyjaśnienie spraw z konta",
        _CONTRACT,
        "od zamknięcia",
        "usunięte; czynne konto zostaje",
        setting="keep_accounts_days",
        tables=("accounts", "account_numbers"),
        rows=contacts.accounts,
    ),
    DataCategory(
        "authorities",
        "Pełnomocnictwa na kontach: komu (adres e-mail), do którego numeru klienta, zakres, od kiedy do kiedy, kto je "
        "dał i zakończył",
        "wyjaśnienie, kto i za czyją zgodą oglądał dane klienta",
        _CONTRACT,
        "od końca pełnomocnictwa albo zaproszenia, którego nikt nie przyjął",
        "usunięte; zostaje wpis w dzienniku zdarzeń",
        setting="keep_accounts_days",
        tables=("authorities",),
        rows=contacts.authorities,
    ),
    DataCategory(
        "quarantined",
        "Pliki w kwarantannie, którymi nikt się nie zajął",
        "wyjaśnienie, co to za plik",
        "RODO art. 6 ust. 1 lit. f (obsługa korespondencji)",
        "od odłożenia",
        "plik usunięty, sprawa zamknięta jako odrzucona; zostaje jej zapis",
        setting="keep_quarantined_days",
        tables=("documents", "originals"),
        places=("originals",),
        rows=documents.quarantined,
    ),
    DataCategory(
        "originals",
        "Oryginały: skany, zdjęcia i pliki klientów, ich podpisy elektroniczne",
        "wyjaśnienie, co klient napisał i podpisał",
        _CLAIMS,
        "od załatwienia sprawy",
        "usunięte; zostaje skrót. Plik z kilkoma formularzami znika z ostatnim z nich",
        setting="keep_originals_days",
        tables=("originals",),
        places=("originals",),
        rows=documents.scans,
    ),
    DataCategory(
        "web_forms",
        "Formularze ze strony i z API (JSON)",
        "wyjaśnienie, co klient napisał",
        _CLAIMS,
        "od załatwienia sprawy",
        "usunięte; zostaje skrót",
        setting="keep_web_forms_days",
        tables=("originals",),
        places=("originals",),
        rows=documents.typed,
    ),
    DataCategory(
        "consent_originals",
        "Oryginały, z których wynika zgoda albo jej wycofanie",
        "obraz podpisu jako dowód zgody",
        _CONSENT,
        "od końca zgody",
        "usunięte; zostaje dowód zgody ze skrótem oryginału",
        setting="keep_consent_originals_days",
        tables=("originals",),
        places=("originals",),
        rows=documents.consent_originals,
    ),
    DataCategory(
        "values",
        "Odczytane i wpisane wartości, nazwy plików, notatki, powody, opis skutku",
        "załatwienie sprawy i jej wyjaśnienie",
        _CLAIMS,
        "od załatwienia sprawy",
        "usunięte; zostaje zapis sprawy",
        setting="keep_values_days",
        tables=("readings", "documents", "file_words", "transitions", "changes"),
        rows=documents.values,
    ),
    DataCategory(
        "requests",
        "Zgłoszenia, które wykonuje biuro",
        "wykonanie usługi",
        _CONTRACT,
        "od zapisania",
        "usunięte",
        setting="keep_requests_days",
        tables=("requests",),
        rows=contacts.requests,
    ),
    DataCategory(
        "messages",
        "Wiadomości i listy: adresat i treść",
        "wykazanie, co i kiedy powiedziano klientowi",
        _CLAIMS,
        "od wysłania",
        "adresat i treść usunięte; zostaje, że wiadomość była. Niewysłane zostają",
        setting="keep_messages_days",
        tables=("messages", "sendings"),
        rows=documents.sent_messages,
    ),
    DataCategory(
        "stopped_addresses",
        "Adresy e-mail, na które nic nie dochodzi (skróty, bez danych)",
        "żeby nie pisać tam, skąd wiadomości wracają",
        _CONTRACT,
        "od powrotu wiadomości",
        "usunięte",
        setting="keep_messages_days",
        tables=("stopped_addresses",),
        rows=lambda session, cutoff, _after: Bundle(stopped_addresses.sweep_away(session, cutoff)),
    ),
    DataCategory(
        "outgoing",
        "Pliki w folderze wiadomości: listy do druku, e-maile i SMS-y zapisane do pliku",
        "wydruk i wysłanie",
        _CONTRACT,
        "od zapisania pliku",
        "usunięte",
        setting="keep_outgoing_days",
        places=("outgoing",),
        files=files.outgoing,
    ),
    DataCategory(
        "desk_leases",
        "Kto miał sprawę na biurku",
        "żeby dwie osoby nie pracowały nad jedną sprawą",
        "RODO art. 6 ust. 1 lit. f (organizacja pracy)",
        "od końca rezerwacji",
        "usunięte",
        setting="keep_desk_leases_days",
        tables=("documents", "second_looks"),
        rows=documents.desk_leases,
    ),
    DataCategory(
        "customers",
        "Rejestr klientów wczytany z rozliczeń",
        "rozpoznanie klienta i dostarczanie faktur",
        f"{_CONTRACT}; Ordynacja podatkowa art. 86 (rozliczenia)",
        "od ostatniej listy, na której klient był",
        "usunięte; gdy coś go jeszcze dowodzi, zostaje numer i nazwa",
        setting="keep_customers_days",
        tables=("customers", "customer_name_words", "register_words", "register_index"),
        rows=contacts.customers,
    ),
    DataCategory(
        "billing",
        "Faktury z pozycjami i obrazami (PDF), wpłaty i odczyty z rozliczeń; jak dostarczono każdą fakturę",
        "dostarczenie faktury, pokazanie klientowi jego faktur, salda i zużycia",
        f"{_CONTRACT}; Ordynacja podatkowa art. 86 (rozliczenia)",
        "od wystawienia, wpłaty, odczytu",
        "usunięte; rozliczenia mają je nadal",
        setting="keep_billing_days",
        tables=(
            "billing_invoices",
            "billing_charges",
            "billing_payments",
            "billing_readings",
            "invoice_deliveries",
            "messages",
            "sendings",
        ),
        places=("originals",),
        rows=contacts.billing,
    ),
    DataCategory(
        "billing_points",
        "Punkty poboru, wodomierze i rachunki do wpłat z rozliczeń",
        "pokazanie klientowi jego zużycia i salda",
        _CONTRACT,
        "",
        "usunięte razem z wpisem w rejestrze klientów",
        period="dopóki jest klientem",
        tables=("billing_points", "billing_meters", "billing_settlements"),
    ),
    DataCategory(
        "billing_deliveries",
        "Taryfy i to, które dostawy z rozliczeń wczytano i które wydruki faktur zrobiono (bez danych osób)",
        "żeby ta sama dostawa nie liczyła się dwa razy, a faktura nie wyszła dwa razy",
        _TECHNICAL,
        "",
        "zostają",
        period="bezterminowo",
        tables=("billing_tariffs", "billing_deliveries", "invoice_print_runs"),
    ),
    DataCategory(
        "case_records",
        "Zapis sprawy: numery, formularz, stany i czasy, kto pracował",
        "rozliczalność i liczby w raportach",
        "RODO art. 5 ust. 2 (rozliczalność)",
        "od załatwienia sprawy",
        "usunięty, gdy nie opiera się na nim żadna zgoda",
        setting="keep_case_records_days",
        tables=("documents", "transitions", "changes", "second_looks", "messages", "sendings", "originals"),
        rows=documents.records,
    ),
    DataCategory(
        "pictures",
        "Obrazy stron dla biura",
        "praca nad sprawą; program robi je od nowa z oryginału",
        "jak oryginały",
        "od ostatniego obejrzenia",
        "usunięte; po usunięciu oryginału od razu",
        setting="keep_pictures_days",
        places=("pictures",),
        files=files.pictures,
    ),
    DataCategory(
        "reports",
        "Raport z importu klientów (customers-report.csv)",
        "poprawienie danych w rozliczeniach",
        _CONTRACT,
        "od importu",
        "usunięty",
        setting="keep_reports_days",
        places=("customers-report.csv",),
        files=files.reports,
    ),
    DataCategory(
        "report_mails",
        "Komu wysłano raport dnia (dzień i skrót adresu)",
        "żeby nikt nie dostał go dwa razy",
        _TECHNICAL,
        "od dnia raportu",
        "usunięte",
        period="31 dni, usuwa je następny raport",
        tables=("report_mails",),
    ),
    DataCategory(
        "logs",
        "Dzienniki procesów (bez danych osobowych klientów)",
        "wyjaśnianie awarii",
        _SECURITY,
        "od dnia wpisu",
        "usunięte",
        setting="keep_logs_days",
        places=("logs",),
        files=files.logs,
    ),
    DataCategory(
        "tolerance",
        "Ile błędnych wartości dopuszcza kierownik i jakie progi z tego wynikają (bez danych osób)",
        "żeby odczyt bez człowieka był tak pewny, jak trzeba",
        _TECHNICAL,
        "",
        "zostaje: jeden wiersz, zmieniany na miejscu",
        period="bezterminowo",
        tables=("tolerance",),
    ),
    DataCategory(
        "tries",
        "Liczniki prób i limitów (skróty, bez danych)",
        "ochrona przed zgadywaniem i zasypywaniem",
        _SECURITY,
        "od próby",
        "usunięte",
        period="1 dzień, stale",
        tables=("tries",),
        rows=lambda session, _cutoff, _after: Bundle(tries.sweep_away(session)),
    ),
    DataCategory(
        "account_sessions",
        "Zalogowania klientów: przeglądarka i czas (bez adresu IP)",
        "dostęp właściciela do konta; lista jego urządzeń",
        _CONTRACT,
        "od końca sesji",
        "usunięte",
        period="do końca sesji (EBOK_ACCOUNT_SESSION_HOURS)",
        tables=("account_sessions",),
        rows=lambda session, _cutoff, _after: Bundle(account_sessions.sweep_away(session)),
    ),
    DataCategory(
        "staff_sessions",
        "Sesje pracowników",
        "praca w biurze",
        _SECURITY,
        "od końca sesji",
        "usunięte",
        period="do końca sesji (EBOK_STAFF_SESSION_HOURS)",
        tables=("staff_sessions",),
        rows=lambda session, _cutoff, _after: Bundle(sessions.sweep_away(session)),
    ),
    DataCategory(
        "begun_sign_ins",
        "Zaczęte logowania pracowników u dostawcy (bez danych osoby)",
        "rozpoznanie przeglądarki, która wraca od dostawcy",
        _SECURITY,
        "od początku logowania",
        "usunięte, a po powrocie od razu",
        period="10 minut, stale",
        tables=("begun_sign_ins",),
        rows=lambda session, _cutoff, _after: Bundle(identities.sweep_away(session)),
    ),
    DataCategory(
        "staff",
        "Konta pracowników, kody zapasowe",
        "kto co zrobił w sprawie",
        "RODO art. 5 ust. 2 (rozliczalność)",
        "",
        "zostają: zamknięte konto nie otwiera niczego, a podpisuje to, co zrobiono",
        period="bezterminowo",
        tables=("staff", "staff_recovery_codes"),
    ),
    DataCategory(
        "audit",
        "Dziennik zdarzeń: kto, co i kiedy zrobił albo oglądał; numery i kody, bez wartości",
        "rozliczalność",
        "RODO art. 5 ust. 2, art. 32; UKSC (dziennik, którego nie da się zmienić niepostrzeżenie)",
        "od wpisu",
        "usuwany od początku, tak że reszta łańcucha pozostaje sprawdzalna",
        setting="keep_audit_days",
        tables=("audit", "audit_head"),
        places=("audit.mark",),
        rows=lambda session, cutoff, _after: Bundle(shorten(session, cutoff, actor="machine")),
    ),
    DataCategory(
        "integrity",
        "Wynik nocnego sprawdzenia danych: co się nie zgadza i od kiedy, kody i numery",
        "wykrycie uszkodzonych i zgubionych danych",
        _SECURITY,
        "",
        "zastępuje go wynik następnej nocy",
        period="do następnej nocy",
        tables=("integrity_check", "integrity_findings"),
    ),
    DataCategory(
        "inbox",
        "Folder skanów i to, co o nim wiadomo",
        "przyjęcie skanu",
        "jak oryginały",
        "",
        "plik znika po przyjęciu; czego nie da się przyjąć, czeka na człowieka",
        period="do przyjęcia",
        tables=("sightings",),
        places=("inbox",),
    ),
    DataCategory(
        "scratch",
        "Pliki robocze",
        "odczyt pliku",
        "jak oryginały",
        "",
        "znikają z końcem pracy, a po awarii przy następnym starcie",
        period="do końca pracy",
        places=("tmp",),
    ),
    DataCategory(
        "replaced",
        "Stan sprzed odtworzenia kopii zapasowej (folder replaced, w PostgreSQL schemat ebok_before_…)",
        "powrót, gdyby odtworzono nie to",
        "jak dane, które w nim są",
        "",
        "usuwa go administrator, gdy odtworzone jest sprawdzone",
        period="do sprawdzenia odtworzonego",
        places=("replaced",),
    ),
    DataCategory(
        "engine",
        "Przebiegi w Prefect (numery spraw, stany, wartości zasłonięte)",
        "nadzór kierownika",
        _TECHNICAL,
        "",
        "czyści je sam Prefect",
        period="90 dni od końca (EBOK_ENGINE_DAYS)",
        places=("prefect", "prefect.auth"),
    ),
    DataCategory(
        "installation",
        "Baza, klucze i pliki działania programu",
        "działanie programu",
        _TECHNICAL,
        "",
        "zostają; o tym, co w bazie, mówią wiersze powyżej",
        period="bezterminowo",
        tables=("alarms", "holders", "key_mark", "mirror", "restores", "returned_mailbox", "store_mark"),
        places=(
            "ebok.sqlite",
            "ebok.sqlite-wal",
            "ebok.sqlite-shm",
            "ebok.sqlite.upgrade",
            "inbox.mount",
            "keys",
            "secret.key",
            "last-backup.json",
            "looks",
            "machine",
            "running.json",
            "running.lock",
        ),
    ),
)
"""Every kind, in the order in which a run erases."""
