"""Plain data from which invented people, companies and addresses are put together."""

from __future__ import annotations

from typing import Final

WOMEN: Final = (
    "Agnieszka", "Alicja", "Aniela", "Anna", "Barbara", "Beata", "Bożena", "Cecylia", "Danuta", "Dorota",
    "Elżbieta", "Ewa", "Grażyna", "Halina", "Hanna", "Helena", "Honorata", "Irena", "Iwona", "Izabela", "Jadwiga",
    "Janina", "Joanna", "Jolanta", "Justyna", "Kamila", "Karolina", "Katarzyna", "Kinga", "Krystyna", "Lucyna",
    "Magdalena", "Małgorzata", "Maria", "Marta", "Mirosława", "Monika", "Natalia", "Olga", "Renata", "Róża",
    "Stanisława", "Teresa", "Urszula", "Wanda", "Weronika", "Wiesława", "Władysława", "Zofia", "Żaneta",
)  # fmt: skip
MEN: Final = (
    "Adam", "Andrzej", "Arkadiusz", "Bartłomiej", "Błażej", "Bogdan", "Bogusław", "Dariusz", "Dominik", "Eugeniusz",
    "Franciszek", "Grzegorz", "Henryk", "Ireneusz", "Jacek", "Jakub", "Jan", "Janusz", "Jarosław", "Jerzy", "Józef",
    "Kamil", "Kazimierz", "Krzysztof", "Leszek", "Łukasz", "Maciej", "Marcin", "Marek", "Mariusz", "Mateusz",
    "Michał", "Mieczysław", "Mikołaj", "Mirosław", "Paweł", "Piotr", "Przemysław", "Radosław", "Rafał", "Robert",
    "Ryszard", "Sławomir", "Stanisław", "Szczepan", "Tomasz", "Wacław", "Wiesław", "Włodzimierz", "Wojciech",
    "Zbigniew", "Zdzisław",
)  # fmt: skip

# Surnames in the masculine form; those in -ski, -cki, -dzki have a feminine one.
SURNAMES: Final = (
    "Adamczyk", "Bąk", "Białas", "Bielański", "Błaszczyk", "Brzęczyszczykiewicz", "Brzozowski", "Chrząszcz",
    "Ciołek", "Ćwikła", "Dąbrowski", "Dębski", "Dudziński", "Dziędziel", "Fąfara", "Gawęda", "Gęsicki", "Głębocki",
    "Gołąb", "Góralczyk", "Grzesiak", "Hołub", "Jabłoński", "Jagiełło", "Jaźwiński", "Jędrzejczak", "Kaczyński",
    "Kądziela", "Kędzierski", "Kłos", "Kołodziejczyk", "Kościelny", "Kozłowski", "Królikowski", "Książek", "Kubiś",
    "Leśniak", "Łączny", "Łękawski", "Łoś", "Majchrzak", "Małecki", "Mączka", "Michałowski", "Mróz", "Muszyński",
    "Niedźwiecki", "Nowiński", "Oleśnicki", "Ostrożny", "Ożóg", "Pająk", "Paździoch", "Piątek", "Pięta", "Półtorak",
    "Przybył", "Puchała", "Raźny", "Rębacz", "Rogoziński", "Różański", "Rżysko", "Siemieński", "Słowiński",
    "Sobczyński", "Sroczyński", "Stępień", "Strzelecki", "Strzyż", "Szczęsny", "Szczygieł", "Ścibor", "Śledź",
    "Śliwiński", "Świątek", "Święcicki", "Tęcza", "Trąbka", "Tyszkiewicz", "Urbański", "Wąsik", "Wesołowski",
    "Węgrzyn", "Wieczorek", "Wiśniewski", "Włodarczyk", "Wójcik", "Wróbel", "Wrzesiński", "Zając", "Zawadzki",
    "Zdrojewski", "Zięba", "Ziółkowski", "Żabiński", "Żelazny", "Żmuda", "Żółtowski", "Żuk",
)  # fmt: skip

TRADES: Final = (
    "Apteka pod Dębem", "Biuro Rachunkowe", "Cukiernia", "Dom Przyjęć Łabędź", "Hurtownia Odzieży", "Kwiaciarnia Róża",
    "Masarnia", "Piekarnia", "Przychodnia Weterynaryjna", "Salon Fryzjerski", "Sklep Spożywczy Żaczek",
    "Stacja Kontroli Pojazdów", "Usługi Ślusarskie", "Warsztat Samochodowy", "Zajazd nad Wartą", "Zakład Krawiecki",
)  # fmt: skip
COMPANY_WORDS: Final = (
    "Bud", "Elektro", "Granit", "Hydro", "Lubus", "Metal", "Odra", "Stal", "Term", "Trans", "Warta", "Drew",
)  # fmt: skip
COMPANY_ENDS: Final = ("bud", "expres", "inwest", "met", "plast", "pol", "serwis", "system", "tech", "tor")
COMPANY_FORMS: Final = ("Sp. z o.o.", "Sp. z o.o.", "S.A.", "Sp. j.", "s.c.")

# Towns with their post code, and whether addresses there have street names.
TOWNS: Final = (
    ("Kostrzyn nad Odrą", "66-470", True),
    ("Kostrzyn nad Odrą", "66-470", True),
    ("Kostrzyn nad Odrą", "66-470", True),
    ("Słońsk", "66-436", True),
    ("Witnica", "66-460", True),
    ("Górzyca", "69-113", True),
    ("Dębno", "74-400", True),
    ("Boleszkowice", "74-407", True),
    ("Rzepin", "69-110", True),
    ("Słubice", "69-100", True),
    ("Gorzów Wielkopolski", "66-400", True),
    ("Dąbroszyn", "66-460", False),
    ("Kamień Wielki", "66-460", False),
    ("Żabice", "69-113", False),
    ("Chyrzyno", "69-113", False),
)
STREETS: Final = (
    "Akacjowa", "al. Milenijna", "al. Wojska Polskiego", "Banaszaka", "Bema", "Bohaterów Westerplatte", "Brzozowa",
    "Chrobrego", "Cicha", "Dębowa", "Dworcowa", "Fabryczna", "Gorzowska", "Graniczna", "Jagiellońska", "Jana Pawła II",
    "Jaśminowa", "Kolejowa", "Komisji Edukacji", "Konopnickiej", "Kopernika", "Kościuszki", "Kręta", "Królewska",
    "Kutrzeby", "Leśna", "Łąkowa", "Mickiewicza", "Młyńska", "Namyślińska", "Niepodległości", "Odrzańska", "Ogrodowa",
    "Osiedle Leśne", "Osiedle Słowiańskie", "Piastowska", "Plac Grunwaldzki", "Południowa", "Północna", "Rybacka",
    "Różana", "Sienkiewicza", "Sikorskiego", "Słoneczna", "Słowackiego", "Sportowa", "Strażacka", "Szkolna",
    "Świerkowa", "Wąska", "Wodna", "Wyszyńskiego", "Zaułek Księżycowy", "Źródlana", "Żeglarska", "Żwirowa",
    "1 Maja", "3 Maja", "30 Stycznia",
)  # fmt: skip

FREQUENT_DOMAINS: Final = (
    "gmail.com", "gmail.com", "gmail.com", "wp.pl", "wp.pl", "o2.pl", "onet.pl", "op.pl", "interia.pl",
    "poczta.onet.pl", "vp.pl", "tlen.pl", "gazeta.pl", "icloud.com", "outlook.com", "yahoo.com",
)  # fmt: skip
SAFE_DOMAINS: Final = ("example.com", "example.org", "example.net")
"""Reserved by RFC 2606: no message to them can reach anybody."""
