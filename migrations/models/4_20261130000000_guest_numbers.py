"""Templates that VMLab makes itself; their numbers and those of machines stand in one table.

The database keeps that table in step: no code can forget to take a number, or to give it back.
"""

from tortoise import BaseDBAsyncClient

RUN_IN_TRANSACTION = True

TABLES = ("vms", "templates")

_TAKEN = '{row}."vmid" IS NOT NULL AND {row}."uuid" IS NOT NULL'
_GIVE_BACK = 'DELETE FROM "guest_numbers" WHERE "uuid" = OLD."uuid";'
_TAKE = f"""INSERT INTO "guest_numbers" ("vmid", "uuid")
    SELECT NEW."vmid", NEW."uuid" WHERE {_TAKEN.format(row="NEW")};"""

SCHEMA = {
    "sqlite": """
ALTER TABLE "templates" ADD "uuid" CHAR(36);
ALTER TABLE "templates" ADD "smbios_uuid" VARCHAR(36);
CREATE TABLE IF NOT EXISTS "guest_numbers" (
    "vmid" INT NOT NULL PRIMARY KEY,
    "uuid" CHAR(36) NOT NULL UNIQUE
) /* A number of VMLab's range that is taken, or was promised. */;
""",
    "postgres": """
ALTER TABLE "templates" ADD "uuid" UUID;
ALTER TABLE "templates" ADD "smbios_uuid" VARCHAR(36);
CREATE TABLE IF NOT EXISTS "guest_numbers" (
    "vmid" INT NOT NULL PRIMARY KEY,
    "uuid" UUID NOT NULL UNIQUE
);
COMMENT ON TABLE "guest_numbers" IS 'A number of VMLab''s range that is taken, or was promised.';
""",
}

FILL = """
INSERT INTO "guest_numbers" ("vmid", "uuid")
    SELECT "vmid", "uuid" FROM "vms" WHERE "vmid" IS NOT NULL;
"""

DROP = """
DROP TABLE "guest_numbers";
ALTER TABLE "templates" DROP COLUMN "smbios_uuid";
ALTER TABLE "templates" DROP COLUMN "uuid";
"""


def _triggers(table: str, differs: str) -> list[tuple[str, str, str]]:
    """Name, event with its condition, and function of each trigger on a table."""
    changed = f'(OLD."vmid", OLD."uuid") {differs} (NEW."vmid", NEW."uuid")'
    return [
        (f"{table}_number_new", f'AFTER INSERT ON "{table}"', _TAKE),
        (
            f"{table}_number",
            f'AFTER UPDATE ON "{table}" FOR EACH ROW WHEN ({changed})',
            f"{_GIVE_BACK}\n    {_TAKE}",
        ),
        (f"{table}_number_gone", f'AFTER DELETE ON "{table}"', _GIVE_BACK),
    ]


def _sqlite() -> str:
    made = [
        f'CREATE TRIGGER "{name}" {event}\nBEGIN\n    {body}\nEND;'
        for table in TABLES
        for name, event, body in _triggers(table, "IS NOT")
    ]
    return "\n".join([SCHEMA["sqlite"], FILL, *made])


def _postgres() -> str:
    made = []
    for table in TABLES:
        for name, event, body in _triggers(table, "IS DISTINCT FROM"):
            row = "" if "FOR EACH ROW" in event else " FOR EACH ROW"
            made += [
                f'CREATE FUNCTION "{name}"() RETURNS trigger LANGUAGE plpgsql AS $$\n'
                f"BEGIN\n    {body}\n    RETURN NULL;\nEND $$;",
                f'CREATE TRIGGER "{name}" {event}{row} EXECUTE FUNCTION "{name}"();',
            ]
    return "\n".join([SCHEMA["postgres"], FILL, *made])


async def upgrade(db: BaseDBAsyncClient) -> str:
    """Statements for the dialect of `db`."""
    return _sqlite() if db.capabilities.dialect == "sqlite" else _postgres()


async def downgrade(db: BaseDBAsyncClient) -> str:
    """Statements that take it back; a template that VMLab made is then as any other."""
    names = [(table, name) for table in TABLES for name, _, _ in _triggers(table, "")]
    if db.capabilities.dialect == "sqlite":
        return "\n".join([*(f'DROP TRIGGER "{name}";' for _, name in names), DROP])
    dropped = [f'DROP TRIGGER "{name}" ON "{table}";' for table, name in names]
    return "\n".join([*dropped, *(f'DROP FUNCTION "{name}"();' for _, name in names), DROP])


MODELS_STATE = (
    "eJztXW1z2za2/isYfdl0xpub+CXOujs7o9hK661seSU53btxh6VIyOKaJFS+yNHd7X+/AP"
    "hOAhQhkRLF4kvrkDiU9AA8OC/POfhPz0I6NN23fd9bTKDrGsjuXYH/9GzVgvgP1u0T0FOX"
    "y+QmueCpM5OOV/FAxQ1G0jvqzPUcVfPwzblquhBf0qGrOcbSCz6rN7IhMNGzYZ+AuYMs4B"
    "rPtmE/A8MGHor/hXzvLXmejjT8QHxFXNS3jd98qHjoGXoL6OAHfP0FXzZsHX6DLvnn157v"
    "QkcxdDLcgSv0AnVF9Xq/kHHLF2VuQFPP4BMMpdcVb72k164XqvOZjiTfd6ZoyPQtOxm9XH"
    "sLZMfD8c8hV5+hDR3Vg3oKKds3zRDZ6FLwI/AFz/Fh/O315IIO56pvEryJdPANkms9Rbkf"
    "TZXJYKoovcJcRBIpjMNLGp5OPI+G7bn091vqN8WE9rO3wP88O/09+JwEh2AU+cAv/fH1j/"
    "3xm7PT78gHIrwYgqVyH945pbd+p49QPTV4CJ2OBGYNoRcDKgvVXYjgnRPbCvgQ1jbi/uG8"
    "Au4fzrm4k1sE9xTOrjMXRzktVAvG0ZAE5ER3dABlVdcdrCJFME6J1KM+qkDc6x0pwFSLqx"
    "gSTwTjrFTnYD59964CzngUF2h6L6cwHEjQIJtkAekbfMczLMjRGhnJHNp6KPo2+qMp7JvU"
    "IvgH6iPbXIcKrgT86e3dYDLt3z2Qj7Nc9zeT4tefDsidU3p1nbv65kNunuKHgJ9vpz8C8k"
    "/wr9H9gMKLXO/ZoZ+YjJv+q0e+EzbZkGKjVwXrmEQXR1cj1DKzDr8tDfy0LWY9K9nBWT+S"
    "WY4wKZ3mlAUsOM1ZyRqmuWUWQpdmOeXyZKf41vZKNkqmL2MEe+eRvbP4++L//fn0/fnl+c"
    "ezD+cf8RD6ReMrlyUTfns/xZsi8RDnL0znhcBVRPczciB2UH+CawryLf5Gqq1BBqihD/4Y"
    "PubIwP09Wj3R1eRtdtTX2KVOLyr82/Evhl5gr/Un1/2bQY8iPFO1l1fV0RUO1A6c4zdjgX"
    "38F2gzDOxPofznn8bQVL0wnMHGexw8a0oe1SHcKY7oFKXwyyBbvGWdWvkrqo3tZD38bPJJ"
    "LMwYcaQ8pvxAUnEmN0eS+oCOBt5C9cDMX7v4Lwhs+M0DS9VwTgDCL1gxilRdbHMESShQxF"
    "WwVXVr+B61N0xUg2I9KQkL0XkTjldkpToXjavfnZbm/h/CEHSX0Pa2mOS0nDT1Wz3DQWKG"
    "ae3z9WVWan9xsSPLX5R4AG6SOtvRCcgl4o4M9qq+QHbFiboDjRq4iAJbNGzJ9XKDFo+obM"
    "eSp+vAhR5Ac7CEjmUEGdXvwevC0BbYIoUuIGtFd0my89eVhaf8rePjj3irahqG71eWnVvX"
    "Y6Ud3C47mP5fQKNH4ztn+9aViU6gTX8tAYRzYjKZxEsmFXbNxvR6NiDHCA7dqfZ6ish/G4"
    "7IHfSFKdmD6c9Scjtb9CMdEjCDenw73s/myKH4v8B1DG64c8dzE94jMuEtb+Eg/3kRSSjx"
    "45i7Pb6u5BX+76UbNf3ajI06+jn8jTpeHZs36gmy4Azpa7x9IqCpNqUc4Z2zuPeWjpTbab"
    "u2U7ICRLfUtEznttUGQkqWapgi+MYCnQP39KIKungUfyu9KOC7VF33FWHNKxocLQh20N9v"
    "hAkzNxzXU0TVRlaqc2Zi/YrDVLdAOSMkQd4IsuEq2O4xVgyQPyFsqKk2x8BIy+VwnmHBpo"
    "COlPd+w7+fRqNhJvL76Xaaw/jx7tNg/OY9hR4PMgKrNrJAUozQFbZFGCSBEkJoLCEZt5sX"
    "NEk/KP9Ghg0Z9nJ5diMn2sEcVoeJilTx0woR0WnPSsq0VtvSWgJxo0IeZkdiUDdzMGz3Ac"
    "8S9HbE6yF82Jg8q6uIGfbK8CgQO6J1Gz/oaJVKOVIWtGbQcRfGckek7uIHdXVRzY0oxro1"
    "SJ8N8xhtkkrweNBakqD0jhBNw8d0FaaVtSNAX6yuQuOp7suuqwc/oqOaemUpcAXtXff/L9"
    "ZgBSsVBhwjSIaO1QfyoK2tSZpr190/edpPcN2l104oe5vA+5uPPJWP6ciGU4T/sxnZf0QP"
    "6sgaLEtwJ7nZ3RLcEavpqLIrognu6EfmE9wJSyCb4E4lsfP57XTue7cEd+LkcjPcWbeKke"
    "ou+F38nDfD36vWuMP1tUVQPnECnhHSaa0EUG0d2MgDGDlgIvuZ3blDQFZmyNuVIZeFF/tp"
    "FKFpyLc9YaDzch3M4coqFxksluXOsty5beDuody5yfqGVPSZYVFmY9N8czIXDK9S8aDhpw"
    "QVuJb6QqoQEP7DXoNwK3PBq+EtgAqIGc0qbRCWlyZlu0xKMoFbNHjTd2zv1jKQu0W7bFks"
    "ZQ+8SycMJlTFNxrfQQu9/loc8ni8bzIiW1ztmxbZn/H2vtU6OGOqiYC5fyDfHQmQsg0eH+"
    "russtkxIA760cyy5UiBtErOluLxQ0KclvpzbbZUM0GDxLM9hdCaBnCVSMIheWViSPgbwHu"
    "H4fDQwUSgnQrI4YQ52H54QOa860YORgaloG9ezQnzQsAiaoUowOcMTtEAFoQROx2MGDpY+"
    "wcIes0IyMDtQwr1YIWctaKNRNxoNIyElUGqrrhvijPIpimJCSiDERXlmISlS0AaVpEYsqz"
    "s0RMgU0JnYh51XA6p61Uoh2SOTvZVdfId1zIMqzCO6WWlUbHVE/KmKrrBlkVA/9f9Z8XXp"
    "BIsVRtYdjQZaZiqknJBEy7bK7DNpE6tLrNhK7fn36sELvGo7jBa3ovFyPEr6Nobqu2zEuL"
    "slp77tE1hd94ZljnenSVRd0G/5xmAm4RoG/u+v/8LhN0G47uf4iGpybgejj6lAMeb/qOt0"
    "38MyMoi2vbHP2Etr5VhDsRk/Pb5vmVvT723OtD5gr5hkJ3c4X+Ut9y1rOSctbbMusM7RoX"
    "Zgl3ppBF8b2SeIus+m5r1Xc7DTNZ9C2GTpOJ4JRCYgQts+qKH7jM6ccqwUsSlP2TC/BLrk"
    "HSzV4FQfSTFbIsHcsIVH4NI6n0dtQgmVA5f8mFMLMniscjZFRzX1FNPiF3YPtWIXlxdOTc"
    "3nTQv/5xMMazBlUNL88nezJ9vBncT6+A6/l62HhBOAL6oUoANG9ZpeKfH/JBuqCF3hb2b0"
    "ZQmr9tMX+rOD2BkhRkzaVlZCqXzdo+NPmoA4iWkRDjvX1HAmKSkj0ygCtzENMvKzv1nV+5"
    "NcAqS0MPweikneQYJnzUYY5vvMdt7KqY7WTwCUAO5WpGJIIZxMACf2kiVYc6y4KvKraZdf"
    "C1h17teAbwWvR8t4fHfI3+Psnw96U9v1d7/gUymOH8JHo4vHOlofUn0SX9I1UZelGpMvSi"
    "pDL0onAih+9g63prXzQl3mbEsTt69zDErgfxR4MA65N9OxldYXWMnuz+dIq91Tvqnaqehx"
    "1WqzUOaqLdt5mfRHqPPJJgZyOgCc7S48Nw1L+5vf/hCsTPeLLHg/7N/14B4o+u2zEn+OM8"
    "crgwBVNAOeXl9jgn2AwyDY3Gj/8HaR70/ow/DaqW4BRtzVwr214T5tplCXPtsvBmGP8Hld"
    "manXIxnrk2TVauS57nX05Pz84uT9+dffh4cX55efHxXWznFG+Vzcin2x+IzZOZi6LH7y7U"
    "04sPIi9AItG9xg31t8WYI8diBSZLzm2KJbqHb/1qfGU4nq+ayraKhC3foXLaPesTSUHiT0"
    "h3o/EtalfQsrfwSCa5Ep8zHbyqGHtKi3TJSmsqP0DxknHsTXHs9LLKBLLHeJGPb6+nZZHs"
    "Q/K92qmdamupH3j8fDSr99R/jJ/UIUQFUiLh72ckRRJkSg4ap2MqJkZ+RK9ApVkOoCELuo"
    "SltDSgBl3yrQg5CupAW/j2C71FWl8iR4cOzYm88Xz3O5oZUecedIC3gACR9Ecxk9Lg58iC"
    "z3alUjzkhT6VmDeWleuSwbBvN4y8RpwJ4PNjMkId8oFr48dgbwVqxEkVD5sxRLsX36k/fu"
    "bg/cFY0V5UwrGdomxn2kvuWZ2QTVvM8UtJyKZUdbZMmRss1rFgy5Rtj248ipYpqaXXdMuU"
    "2PNj2Olpr5BvqWdc0CokpgcHfbPQtzgHHjCSoqoC8AZhe9mYg6U/Mw3tBMAVdNbhze+Apa"
    "5JQQKL5VTbc6vQoDLkvogHJU102ZPlMFmpJnqyyM4hh+sccmxkmyW0t6HaPAzuA6JNKP9k"
    "f+kPb2/6U3pxpZoGfvvp9du7h9E4uGxYS+R4BVIOHnNPpfEIm4o+2YPxeDS+AtBxkJPfMQ"
    "6T7UWuMF8nJbLHGaWhqabeqKb5moarBNs8w93a0Lcjkdtj3474ytE27gi/trJNc1qmrDyQ"
    "ggfxNp1qmbJ7hPjd6fmRobxF59qi5D4RPhJ8XXdBDp1xRK33vFwH7Mqmd0ECmQaxqTQnnF"
    "tm7LFsM2SJyz1RYE/0fZbf//h4e8OpRPWZrj+5/JZIHV9svQTnYDkHpnOa5kN/aG4dWzMD"
    "G8FsOEs0Rlase7mKsyreyRnfOzkreCe2YBtWu842rK3Ctv480MoSigJGw2USk2FDeBjyZz"
    "HzIRGRi3XzYnUxkCTTywO63HAoCMsWmAKe9HEcmXE0/sbh6rPapjMOk3iX5UPNVubK8rdm"
    "zbYwCcFKgv19MrrnWG8ZqXxRiKF54L/ANNwj1CIl+BI4ypNh+bzXSdb3Iw/IJ8NkORZ/6X"
    "e3HEt2hO7arDPqswrNZ2VLvF4DFrAsemvAq8CrToOKOKu0KNgh10L2HDw0c5TfczCpKyzo"
    "hhqAldWaHO1QA7YVqc4tUwlVoS0qxB3KYWVf/311rsdAMRjjAXx8rng4P5tZ4iMbRgdiRk"
    "eT03ewyPsuHSna0DJYd9R5+IU0tcyo0/xNyfo+BOv7AEn1dgFcT05dkueTmOFZlZjhGT9m"
    "eCaZ85I5vy30NEq5BXX+ejwIafLRE8jhFqOHh8ENOdwCLZdQf7LHj/f3dJDj2zYd89B/nJ"
    "AhS9V3YY4i/2TfDIaD4Kl0t6MSd7eTCb1kGa4bfdOD5z22IRofiGDc+t02c9SaMLf4QJzi"
    "I0L1SFL6R4Qofoehs4KsRj1lzJS0mOSkVOekSF5gN3mBHfAUJU1405KtnyZsqRrJ6mFtyr"
    "G1OYZCVqx7SL+v1F+8pL14obu4sYwQYxm6fP5JXm4nBsp2js1f576tETzBzDdM7Eq4b8nn"
    "/e0AvmYjxBTsLTrbURSykrJjbHsYCUUiCpoFFuMW05wTlfPc5nmWNDP+HnechCNJM/sjzn"
    "oVmlkqkSc461lJqdHbM8kMjX4QMmHLJlRyCduPadSvTgzWnJRcrPJkgoNw3fbPzWzZqm2K"
    "mumlum/uCG33jnfIg5vThhl48XcA94/DYTUK4XIFFRM9MxJLAjTChxUcouehYR+j5c/lE2"
    "b6iK8gGb4TSl+swQoepQlQD+Uy26lH1TRmPF385JGJu+jHD+vG+y56+MgPPnS9e3okR4/B"
    "U03fPikjrD6TgUpwtkflBsfBcMJG/XI3VGd/coGj2s/Jyeue+gJteibIq+qCpYMsw2Uf3L"
    "7Dk3Y4UGSfGcl2cSslebW15NWCYc/fzJvkvSe6laFWMoqXr1Sy2n6zRvmZvO1UAYAXG726"
    "Ec89pL1jrTCZ/AhosoFBkBeW3klziDmx8XipOzbrDjxFygtcF+HlM4rTMl1It++bT7zAek"
    "gU87SMxHx7zJWlYdtbRenZT5DR+rZF63fa0tObTnGBCJ4mU6nsr13bTdXISLzFNn2SzMSD"
    "S6ZRRK6X2kOe6r4oLh4mYg9h74eYM3ZkzhD56G/ywCvw6hieB20wg3Pk4MfMoPcKITmWUQ"
    "+OYOTYSnU9mWFHfaW/ldykIP1S1a6SlYQNGFRYhRnsEq2JpZomF9+0XJcSWmenlx9ijMk/"
    "yuCd3PWHQwZRXJYVRmTQ8ypH8pzzT+Q5LxzIc3zVbeJg97AhMZ4GNWyUJflk32CT4wroWP"
    "0+2Z/7t0Nyc64aJrn3eH8zorVpvq0jWq1GrpDx5AKRmEwfr38iT/O1l7y+r8Tprb1yTRZT"
    "NFdM4S/FyP/R+O5he/ruXQVw8SguuvReDl78UinCGKeFJNCVgHaNUIVXtPni8ZIHwiAt+d"
    "7SZ0QR+OUTiYRs3bl9hUR87FrV0Fks0AUtcYDeB22pR2mdYX6cXOYqDPa5YRvuYqtpz4nK"
    "+Gjb4qMZNhiJkYkRRBOJLkUpmmKHRoG5Xal24WOODNzKPLtkUVWIJ+8tK09RZ8Seo9kojz"
    "0L9KRbGlCjfeZekfNyBVSwgs4MIBv/hTfRZ+hRMo63wCNVB9oeGYq/9Zrdt26np1XpbZfE"
    "fBzfjhvXBc8OVi7Fgv4Tzyq9G3xU/M+ovG22Duc9Ve8mW9/tNWD9gn+WiOMdjW9zvE8GV7"
    "cGu75Dt4tdwiaP19eDwQ2Nw/qaBqFOoq356Ot1//56MKSXNAKLaQatdQ4fY8VKTGX1guW7"
    "/IlEO3olkI/tTK+E3I5TVYHlxDqox+pf+cluLuIqpGSks8AIIZpIY3gH/JUbja8lkHVYo6"
    "bhQ4pN1RZrbRMLtENPd6qnzdIxkGN4DL7jBkpESm5/+uOiWeVRBx9C9UhlGqtQiotlWkQe"
    "51hoUIq10Rag5sU6s0hrA3YOxTKO8Xi5RvNQkmgOq9Kcby4kEl3IfDVN8jCh6kLFtz3DFM"
    "155ERlzqPNOY8wZik4xYlUBzOZXZpe33414gBWdoZLmzhn5PbYxTm+crRtnIMgneLA30hZ"
    "83bd7tiPkIq0zW/a0kHP7Ga9m9y6RK4zZl4dbp0b1rRUte+i8d2z7upPxHBYY/yAEI81Jr"
    "l6ApEffIt8fwHYEwmJuzzeXLL2RFh7LeJqHs/716ZJrmR2SW7mH2OeZafZBoKoBd5ZVWDz"
    "chLcIrgJx686sBkZCepGQnGAVxHgpijFLUO3KqM4s6zYnGK2WqgB2YqdfI8U2YIm5HRFld"
    "18a+3mK9ZuNm57kguAC7RRjRqsHJl7x0M6ux4XhqljBbEbQt3SoGJNZgUrKX4OMtGMWoqf"
    "4xw1v5oiyGNXbpS6dBDpghi0M3V826X9ddwTMFsDw3MBacJjqq4HXKx7SPGDacwhq0/q9g"
    "/aodmhWBX8DuXvLatyaCS7z696IN3cRICOxneRLXxaJdqOR/H5wqeFeDuzmwPfC5AkYa5X"
    "tcKqj9lPir9YUyIdXK/1s4VJnY1QCUEssMe6nLCKprcfnVB7BQH+OM13sNGlMXyskoBWRk"
    "oqCNYJxe0J+7cN6i7Fg4mlqbgQbsNey8vKqW7dVBdifoepeQ/OTmE4avGhKnw/LTm9ZbOb"
    "NkEWdo3whIKF6gJtQQ6g0L8Hr9jOhti5oidPYNfJJg37bN0FM+gaOrlTdNR2e1SVgnf8W2"
    "xXpSU6YWyG1LELuXCfjOc/SqX6X05Pz84uT9+dffh4cX55efHxXbzDFW+VbXWfbn8gu13m"
    "Ndxcz16crOozUZTtDEFtL7OSmgVuUe7msvdjqMztfbm7AivryZ72Jz9dgajPi6idXcXz5v"
    "vdBa8bzf4NNcEMXEZGGtgtOZ60ZVFjmYc/JnAlc6ShPPxhbPLUuY8Mwzx7KiTfOg+PoFRM"
    "I6x0r9abigwnuQ3SLwqLkz9V8OCgbxb6Rre97+N/GZ4LzTmYI9L3gdrcFng1iGkOdHXtkq"
    "5TC7LM2G2rmvog5oEJUeNg8qGFAxO+JsdbyHZU+25HJVsS1r0d7LV7eevAbL6rthmq3orL"
    "NRou1ypjrYqHNmVAs6UBzWxt/QoyquqrhQNi4TYrJLyWP4+ugGHP0ZP9c38cdL7Dtl/Q+W"
    "4wHo/GVyAuKjtwnMCCrottzeKM8Luop0TaPA+1vF5NNFI/8CGmHdgnSljRrMP6hMml2x3X"
    "145lXOuBfXtzbL9Y3HRTdOukzKXFP0ok50S8zCBRRBl9JFu0wA/HE64DD2FvMzy8mO2fVp"
    "asklGKpyPqpisdzX07mtLU7KSpyW9nvdnSPIbW1uQou+mAHmTnwSf7enQ/GQ0HyuhhcE87"
    "JuOZRSZUEFVOyX1skUzS9zUTuW1pq3xs3kGPWPk96R9I/6Deg5a4neL5JNQdusO3LV/TNP"
    "906WPsHFZXYH5SLC0jk2IM6inEH6AzIP1sIpV3qGAik4N0ToSOD9QSxG5Gj5+GA/AwHlzf"
    "Tm7DRi+xuURvkktJd7XxoD/Mh+9dUfJBSkIuWkZBhYzEyEhMayMx+Ve/Bji7XZCe0nbCFd"
    "NNBrdudWgtkUdKV/BU9RgxrtyIk7JQl5GMVV7gWiDihUcTLgXCfxKoTsAzQjrhTgCVsCW+"
    "B78GhuSvwHDpbwCvC8OElIcxNxzXA6rtvkKH3LZUnRMda+RT2NSNcDXjTywwN2QEbZ8RtB"
    "fIKOUqOTgMsmq4jtM73EMFbdgMV1mo7kIE5rxcB/Guv/k7z/su72TL9cCP2c6uo5PtDOkM"
    "1cAPHkXjuxDI2HfgSPb65K/o7vb63H9UoHWT26wju1/fq23g7up8HZhY0Pd1wxvYnsP0u1"
    "J3T8p8LpWMUyAeaIgw5vEAesIyoqQBNShAdeAcY6V/D2y4gsQpciFWv8Tr0eNLZBdke1e7"
    "P7IKKSF9BjM5pDk1uflb3MOec2NljWwra2SlzSBtBplJ2L2yAsND/y4gWlJdkZLZI2Wh1x"
    "SkDTvmQTG+CMCJhIx8VACY9M5AQvVBiUQHAa6ZSHNsR5TvSU905YDyju9v2LRgH/BVon0T"
    "kc6t2vqVbxSrFyvQzEpJmCvAzD6GqhrDlHskVav2u97k8fp6MJlcAdfXSNviJ3s8+PxISb"
    "9hpODJ/ty/HZILc9Uw28L+PUjqpXVGSH25Fw3pQrZGNL5zeqT+PrE69PCLw1ir/PPsUiI7"
    "HWi3HdB/nfs2dYfAzDdMz7Ddt+Rj/9bUBJQAXts5dy1pytKHjqEteqzwcnDnpDS0nIzZFF"
    "Pmg19zl/k/Suy1MT6M7NSdb7dxcVGl3cbFBb/dBrmXc0qWQofkhsM7iO77Ss1M3pc0M3lf"
    "bGaCP9FjHjDF3+JSIvvf4g5D5OjGZvb7/wNUMade"
)
