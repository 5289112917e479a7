"""Each change of a machine's state or hardware is noted in the transaction that makes it."""

from tortoise import BaseDBAsyncClient

RUN_IN_TRANSACTION = True

COLUMNS = ("status", "name", "node", "cpu_cores", "memory_mb", "disk_gb")

_LEVEL = """CASE WHEN NEW."status" IN ('error', 'missing') THEN 'warning' ELSE 'info' END"""


def _value(row: str, column: str) -> str:
    return f"""COALESCE(CAST({row}."{column}" AS TEXT), '-')"""


def _difference(column: str) -> str:
    old, new = _value("OLD", column), _value("NEW", column)
    return (
        f"""CASE WHEN {old} <> {new} THEN ', {column}: ' || {old} || ' → ' || {new} ELSE '' END"""
    )


_CHANGED = " OR ".join(f"{_value('OLD', name)} <> {_value('NEW', name)}" for name in COLUMNS)
_CHANGES = f"SUBSTR({' || '.join(map(_difference, COLUMNS))}, 3)"
_BEGINNING = "'status: ' || NEW.\"status\""


def _note(now: str, message: str) -> str:
    columns = '"vm_id", "at", "kind", "level", "message", "status", "cpu_cores"'
    return f"""
    INSERT INTO "vm_events" ({columns})
    VALUES (NEW."id", {now}, 'state', {_LEVEL}, {message}, NEW."status", NEW."cpu_cores");"""  # noqa: S608 - no input


def _sqlite() -> str:
    now = "STRFTIME('%Y-%m-%d %H:%M:%f', 'now') || '000+00:00'"
    return f"""
CREATE TRIGGER "vms_state_new" AFTER INSERT ON "vms"
BEGIN{_note(now, _BEGINNING)}
END;
CREATE TRIGGER "vms_state" AFTER UPDATE ON "vms" WHEN {_CHANGED}
BEGIN{_note(now, _CHANGES)}
END;"""


def _postgres() -> str:
    now = "CLOCK_TIMESTAMP()"
    return f"""
CREATE FUNCTION "vms_state_new"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN{_note(now, _BEGINNING)}
    RETURN NULL;
END $$;
CREATE FUNCTION "vms_state"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN{_note(now, _CHANGES)}
    RETURN NULL;
END $$;
CREATE TRIGGER "vms_state_new" AFTER INSERT ON "vms"
    FOR EACH ROW EXECUTE FUNCTION "vms_state_new"();
CREATE TRIGGER "vms_state" AFTER UPDATE ON "vms"
    FOR EACH ROW WHEN ({_CHANGED}) EXECUTE FUNCTION "vms_state"();"""


async def upgrade(db: BaseDBAsyncClient) -> str:
    """Statements for the dialect of `db`."""
    return _sqlite() if db.capabilities.dialect == "sqlite" else _postgres()


async def downgrade(db: BaseDBAsyncClient) -> str:
    """Statements that end the noting."""
    names = ("vms_state_new", "vms_state")
    if db.capabilities.dialect == "sqlite":
        return "\n".join(f'DROP TRIGGER "{name}";' for name in names)
    dropped = [f'DROP TRIGGER "{name}" ON "vms";' for name in names]
    return "\n".join(dropped + [f'DROP FUNCTION "{name}"();' for name in names])


MODELS_STATE = (
    "eJztXWtz27i5/isYfWl2xs1JfIlTb6cziq3suitbriRnexrvcCkSsliThJYXOTrt/vcDgHcSoAiJlCguviQyiReUHoDA"
    "e3neF//pWUiHpvu273uLCXRdA9m9K/Cfnq1aEH9g3T4BPXW5TG6SC546M2l7FTdU3KAlvaPOXM9RNQ/fnKumC/ElHbqa"
    "Yyy94Fm9kQ2BiZ4N+wTMHWQB13i2DfsZGDbwUPwX8r23pD8dabhDfEVc1LeN33yoeOgZegvo4A6+/oIvG7YOv0GX/Pm1"
    "57vQUQydNHfgCr1AXVG93i+k3fJFmRvQ1DP4BE3pdcVbL+m164XqfKYtyfedKRoyfctOWi/X3gLZcXP8c8jVZ2hDR/Wg"
    "nkLK9k0zRDa6FPwIfMFzfBh/ez25oMO56psEbyIdfIPkWk9R7kdTZTKYKkqvMBaRRArj8JKGhxOPo2F7Lv39lvpNMaH9"
    "7C3wn2envwfPSXAIWpEHfumPr3/sj9+cnX5HHojwZAimyn1455Te+p12oXpq0AkdjgRmDaEXAyoL1V2I4J0T2wr4ENY2"
    "4v7hvALuH865uJNbBPcUzq4zF0c5LVQLxlGTBORk7egAyqquO3iJFME4JVLP8lEF4l7vSAGmq7iKIfFEMM5KdQ7m03fv"
    "KuCMW3GBpvdyC4YDCRpkkywgfYPveIYFOatGRjKHth6Kvo0+NIV9k6sI/oH6yDbX4QJXAv709m4wmfbvHsjjLNf9zaT4"
    "9acDcueUXl3nrr75kBunuBPw8+30R0D+BP8a3Q8ovMj1nh36xKTd9F898p2wyoYUG70qeI1J1uLoaoRaZtTht6WBe9ti"
    "1LOSHRz1IxnlCJPSYU5pwILDnJWsYZhbpiF0aZRTJk92iG9tr2SjZNoyRrB3Htk7i78v/u/Pp+/PL88/nn04/4ib0C8a"
    "X7ksGfDb+yneFImFOH9hGi8EriK6n5EDsYH6E1xTkG/xN1JtDTJADW3wx7CbIwP392j2RFeTt9lRX2OTOj2p8G/Hvxh6"
    "gb7Wn1z3bwY9ivBM1V5eVUdXOFA7cI7fjAW28V+gzVCwP4Xyn38aQ1P1QncGG+9x0NeUdNUh3CmO6BSl8MsgW7xlnVr5"
    "K6qN9WQ9fDZ5Egszhh8pjynfkVQcyc2epD6grYG3UD0w89cu/gSBDb95YKkazglA+AUrepGqi232IAk5irgLbNW1NXyP"
    "2usmqmFhPSlxC9FxE/ZXZKU6542r35yW6v4fQhF0l9D2thjktJxU9Vs9wkFghqnt89fLrNT+/GJHFr8osQDcJHS2oxGQ"
    "C8QdGexVbYHsjBM1BxpVcBEFtqjYkuvlCi1uUVmPJb3rwIUeQHOwhI5lBBHV78HrwtAWWCOFLiBzRXdJsPPXlYWH/K3j"
    "40e8VTUNw/crS8+tq1upB7dLD6b/C6zoUfvO6b51RaITaNNfSwDhnJgMJvGCSYVds7F1PeuQYziH7lR7PUXk34Y9cgd9"
    "YUr2YPqzlNzOFv1IhzjMoB7fjvezOXIo/i9wHYMb7tzx2IT3iEx4y1s4yH9eRBJK3B1zt8fXlfyC/3vpRk2/NmOjjn4O"
    "f6OOZ8fmjXqCLDhD+hpvnwhoqk0pR3jnLO69pS3ldtqu7ZTMANEtNS3TuW21AZeSpRqmCL6xQOfAPb2ogi5uxd9KLwr4"
    "LlXXfUV45RV1jhYEO2jvN8KEmRuO6ymiy0ZWqnNqYv0Lh6lugXJGSIK8EWTDVbDeY6wYIH9CWFFTbY6CkZbL4TzDgk0B"
    "HS3e+3X/fhqNhhnP76fbaQ7jx7tPg/Gb9xR63MgItNpIA0kxQldYF2GQBEoIobGEZNxuntAk/KD8Gxk2ZOjL5dGNnGgH"
    "Y1gdJirShZ9miIgOe1ZShrXaFtYS8BsV4jA7EoO6GYNhmw94lKC3I14PYWdj0ldXETPsleFRIHZE6zbu6GgXlXKkLGjN"
    "oOMujOWOSN3FHXV1Us2NyMe6NUifDfMYdZJK8HjQWhKn9I4QTcNuugrTytoRoC9WV6HxVPdl19mDu+joSr2yFLiC9q77"
    "/xdrsIKVEgOOESRDx8sH8qCtrUmYa9fdP+ntJ7ju0msnFL1N4P3NR57Kx3RkwynC/2xG9h9RRx2Zg2UB7iQ2u1uAO2I1"
    "HVV0RTTAHf3IfIA7YQlkA9ypIHY+vp2Ofe8W4E6MXG6EO2tWMULdBbuLH/Nm2HvVCne4vrYI0idOwDNCOs2VAKqtAxt5"
    "ACMHTGQ/syt3CMjKCHm7IuQy8WI/hSI0Dfm2Jwx0Xq6DMVyZ5SKdxTLdWaY7tw3cPaQ7N5nfkPI+MzTKrG+ar07mnOFV"
    "Mh403EuQgWupLyQLAeEP9hqEW5kLXg1vAVRA1GhWaoOwvFQp26VSkgHcosCbvmN5t5aB3C3aZct8KXvgXTqhM6EqvlH7"
    "Dmro9efikO7xvsnwbHFX37TI/pS3961egzOqmgiY+wfy3ZEAKcvg8aHuLrtMegy4o34ko1zJYxC9orO1mN+gILfVutk2"
    "HapZ50GC2f5cCC1DuKoHoTC9Mn4E/C3A/eNweChHQhBuZfgQ4jgs331AY74VPQdDwzKwdY/mpHgBIF6VoneA02YHD0AL"
    "nIjddgYsfYydI6SdZmSko5ahpVrQQs5asWYiBlRaRqLKQFU33BflWQTTlIRElIHoylJMsmQLQJoWkZjy9CwRVWBTQCdi"
    "XjUczmkrlWiHYM5OetU18h0XshSr8E6pZqXRNtWDMqbqukFUxcD/q/7zwgsCKZaqLQwbusxQTDUpGYBpl8512CJSh15u"
    "M67r96cfK/iucSuu85rey/kI8esoGtuqLfLSoqjWnmt0TeE3nhrWuRpdZV63wT+nGYdbBOibu/4/v8s43Yaj+x+i5qkB"
    "uB6OPuWAx5u+423j/8wIyuTaNns/oa1v5eFOxOT4tnl8Za2PPdf6kLFCvqLQ3Vihv9S3HPWspBz1tow6Y3WNE7OEK1PI"
    "pPheib9FZn23Neu7nYqZTPoWQ6fJQHBqQWI4LbPLFd9xmVsfqzgviVP2Ty7AL7kGSTV7FQTeT5bLsrQtw1H5NfSk0ttR"
    "gWRC5fwl58LMniget5BezX15NfmE3IHtW4XgxdGRc3vTQf/6x8EYjxpUNTw9n+zJ9PFmcD+9Aq7n62HhBWEP6IcqDtC8"
    "ZpXyf37IO+mCEnpb6L8ZQan+tkX9rWL0BIukIGsuLSNDuWzW9qHJRx1AtIyEGO/tOxIQk5DskQFcmYOYflnZoe/8zK0B"
    "VpkaeghGJ60kx1DhowpzfOU9LmNXRW0njU8AcihXMyIRzCAGFvhLE6k61FkafFWxzayDrz30ascjgOei57s93OZr9Pkk"
    "w9+X+vxe9fkXyGCG84PoYfPOpYbWH0SX9I9UZuhFpczQi5LM0IvCiRy+g7XrrW3RlHibEcfm6N3DEJsexB4NHKxP9u1k"
    "dIWXY/Rk96dTbK3eUetU9TxssFqtMVCT1X2b8Umk98gjCXY2AprgKD0+DEf9m9v7H65A3MeTPR70b/73ChB7dN2OMcGP"
    "88jhwhRMgcUpL7fHMcFqkGlo1H/8P0jzoPdn/DSoWoJDtDVzrWx7TZhrlyXMtcvCm2H8H1Rma3bIxXjm6jRZuS5Znn85"
    "PT07uzx9d/bh48X55eXFx3exnlO8VTYin25/IDpPZiyKFr+7UE8vPoi8AIlE9wo31F8WY44ci+WYLDm3KZboHr71L+Mr"
    "w/F81VS2XUjY8h1Kp93zeiIpSPwB6a43vkXlClr2Fh7JIFfic6adVxV9T2mRLmlpTcUHKF7Sj73Jj52eVhlH9hhP8vHt"
    "9bTMk31Ivlc7V6faSuoHFj8fzeo19R/jnjqEqEBIJPz9jKBIgkzJQeO0TcXAyI/oFag0ygE0ZEGXsJSWBtSgS74VIUdB"
    "HWgL336ht0jpS+To0KExkTee735HIyPq3IMO8BYQIBL+KEZSGnyOTPhsVyjFQ15oU4lZY1m5LikM+zbDyGvEGQA+PyYj"
    "1CEbuDZ+DLZWoEaMVHG3GUO0e/6d+v1nDt4fjBWtRSXs2ynKdqa85J6XE7Jpixl+KQlZlKrOkilzg8U6FiyZsu3RjUdR"
    "MiU19ZoumRJbfgw9PW0V8jX1jAlahcT04KBvFvoWx8ADRlKUVQDeIKwvG3Ow9GemoZ0AuILOOrz5HbDUNUlIYLGcauu3"
    "Cg0qQ+6LeFBSRZc1WQ4TlWqiJousHHK4yiHHRrZZQnsbqs3D4D4g2oTyT/aX/vD2pj+lF1eqaeC3n16/vXsYjYPLhrVE"
    "jlcg5eA291Qat7Cp6JM9GI9H4ysAHQc5+R3jMNFe5ArzdVIiexxR6ppq6o1qmq9puEqwzTPMrQ11OxK5PdbtiK8cbeGO"
    "8Gsr2xSnZcrKAyl4EG9TqZYpu0eI352eHxnKW1SuLUruE+Ejwdd1F+TQGUdUe8/LdUCvbHoXJJBpEKtKc8K5ZfoeyzZD"
    "lrjcEwX2RFuwqKVdZ1HLVtmn9XvVV5aQTyVqLkNCjBXZw5A/iy3GiYicrJsnq4uBJHEzHtDly3BBWBYUFLBLjuMAgqPR"
    "3g6X7dK2NeMwYUyZjNFsnqNMJmpWbQtduqyQwt8no3uO9paRylPsDc0D/wWm4R7hKlKCL4GjPLSQjyKcZAnzpIN8aEEm"
    "t/CnfneTW2R93a6NOiPbpVDKUxYY6zWgAcsUogasCjzrNKiIc/SKgh0yLWQFt0Pz8PgV3JIsrcLaUAOwMveNszrUgG1F"
    "4mjLloSq0BYXxB2SC2WV9H3VAcdAMfi3AXx85m04Pps5tyMbRscLRgc903ewyKItbSlaHjCYd9R4oCUCM8tp/qbk0B6C"
    "Q+v7LFgfH29vOPagz0SWXH5LpLbZtdpAyWehFwTcAwMubZrR3ynrA/J8hmdVfIZnfJ/hmeQhSx7yttBTL+UWROTr8SAk"
    "HUc9kKMCRg8PgxtyVABaLqH+ZI8f7+9pI8e3bdrmof84IU2Wqu/CHOH4yb4ZDAdBr3S3oxJ3t5MJvWQZrht904PHPbah"
    "bR6Irtn63TZzcJUwU/NADM0jQvVIQvpHhCh+h6GzgqyyJ2XMlLSY5KRIXmArAswH5AV2wFJMKX/WzECuwjYQS+gQWbHu"
    "TdmzKrrXGV/3OivoXpaqkageXk05ujZHUciKdQ/p95WqNZcUay7UajaWEWIsRZfPP8nL7cRA2c6w+evctzWCJ5j5holN"
    "Cfcted7fDmBrNkJMoYfeb0VRyErK+pvtYSQUiShoFmiMWwxzTlSOc5vHWdLM+HvccRKOJM3sjzjqVWhmqUCe4KhnJeWK"
    "3p5BZqzoByETtmxAJZew/ZhG1b/EYM1Jyckq67wfhOu2f25my2ZtU9RML1XLcEdou1csPw9ubjXMwIu/A7h/HA6rUQiX"
    "K6iY6JkRWBKgET6s4BA9Dw37GDV/Lp8wU5V5BUnznVD6Yg1W8ChVgHool9m6J6qmMf3p4uc4TNxFP+6sG++76FEOCQQM"
    "lmoGHz5ZNTsomzmrP5PirV/uhuoMvGCjxI3oqCE79U8umEx+BNQnyOCxCkvvcP7CyhLTNeP2sqz0Zn4qOe6deaw1n/iX"
    "lulCVGzftL8Fcj1RzNMyEvPtMVeWhm1v5Uxj9yCdam1zqhVMar4aXVR/0ptOcYIIltCvlJ3Tru2mqgETb7FNl8+feHDJ"
    "VIrI9VJ9yFPdF8XFzUT0IcOl6owdqTNEPvpMOrwCr47hedAGMzjHdu0J/t97hZCcRaUH505xdKW6emboUV/pbyU3KUi/"
    "VNWrZMJPAwoVXsIMdibFxFJNk4tvWq5Lfuez08sPMcbkjzJ4J3f94ZDB55TZPxFn67zKOQTn/GMIzgunEBxfEoo42D2s"
    "SIynQaoJJTM92TdY5bgCOl5+n+zP/dshuTlXDZPce7y/GdEUEt/WEU0qIVdIe3KBSEymj9c/kd587SW/3h8mwURynpvj"
    "PPtLMY5u1L572J6+e1cBXNyKiy69l4MXv1SKMMZpIQl0JaBdI1zCK+p8cXsZrmVwC3xv6TO8CHyWcyIhK+xtT2SOz5qp"
    "6jqLBbqwShwgRbkttPHWKebHSTmsQjSdG7bhLrYa9pyo9I+2zT+aIW0QH5kYjyuR6JKXoikSV+SY25URE3ZzZOBWpsMk"
    "k6qCP3mDC78+3zNFneF7jkaj3PcsUDpqaUCNloN6Rc7LFVDBCjozgGz8CW+iz9A7AcgB3gK3VB1oe6Qp/tZrdnmpnXqr"
    "UoIq8fk4vh3Xlwr6DmYuxYL+iUeV3g0eFf8ZZaHM1uG4p9JSZIWqvTqsX/DPEjG8o/Zt9vdJ5+rWYNd30mixmM/k8fp6"
    "MLihflhf0yDUibc173297t9fD4b0kkZgMc2gAsbhfax4EVNZJRv5Jn8i0Y6UZvLYzqQ053acqgtYTqyD61j9Mz/ZzUVM"
    "hZSMNBYYLkQTaQzrgD9zo/a1OLIOq9Q0fDKjqdpiFShigXas050qPbF0DOQYHoPvuIESkZLb3/px0eziUQcfQvVIAgkr"
    "n4GLZVpEnrpWqCOIV6MtQM2LdWaS1gbsHIpFHOP2co7moSTeHFZCKF9dSCS6EPlqmuRhQtWFim97hika88iJyphHm2Me"
    "oc9ScIgTqQ5GMrs0vL79asQOrFxqYlmt1YycPIVdoNpq4KRTHIh/tLtlUSp2F3IhbfObtnTQM7um5iazLpHrjJpXh1nn"
    "hjktVfW7qH33tLv6AzEc1hjfIcRjjUmunoDnB98i318A9kRC4i5PIZasPRHWXou4msfz/rVpkCupXZKb+ccYZ1kQsgEn"
    "aoF3VhXYvJwEtwhuwvGrDmxGRoK6kVAc4FUEuClKccvQrcoozkwrNqeYvSzUgGzFgptHimxhJeQUL5RFN2stuilWFTIu"
    "e5JzgAtUO4wKrByZecdDOjsfF4ap4wViN4S6tYI2evz2z0EkmpFL8XMco+ZnUwRx7Ir5FH2wdBCpggg8UnbH8W2X1tdx"
    "T8BsDQzPJedtA1N1PeDitYckP5jGHBZTKXbpaIdih2JZ8Dukv7csy6GR6D4/64FUcxMBOmrfRbbwaRVvO27F5wufFvzt"
    "zGoOfCtAkoS5VtUKL33MelL8yZoS6eB8rZ8tTPJshFIIYoE95uWEWTS9/awJ9R+AjWzNd7DSpTFsrBKHVkZKLhCsg0Tb"
    "4/ZvG9Rd8gcTTVNxIdyGvZaXlUPduqEu+PwOk/MeHHHAMNTisw/4dlpyyMJmM22CLGwa4QEFC9UF2kK18df5HrxiPRti"
    "4wq8qsTugjYp2GfrLphB19DJnaKhtltXVRLe8W+xXZWm6IS+GZLHLmTCfTKe/yiZ6n85PT07uzx9d/bh48X55eXFx3fx"
    "Dle8VbbVfbr9gex2mddwcz57cbCqj0RRtjMEtb2MSmoUuEm5m9PejyEzt/fl7gqsrCd72p/8dAWiOi+ienYVy5tvdxes"
    "bjT7N9QEI3AZGalgt+QUwZZ5jWUc/pjAlcyRhuLwh9HJU8ezMRTz7OFtfO08PClOMY0w071abSrSnMQ2SL0oLE4+quDB"
    "Qd8s9I1ue9/HfxmeC805mCNS94Hq3BZ4NYhqDnR17ZKqUwsyzdhlq5p6EPPAhKhwMHlo4cCEr8nxFrIc1b7LUcmShHVv"
    "B3utXt46MJuvqm2GS2/F6Ro1l3OVMVfFXZvSodlSh2Y2t34FGVn11dwBsXCbFyQ8lz+ProBhz9GT/XN/HFS+w7pfUPlu"
    "MB6PxlcgTio7sJ/Agq6Ldc3iiPCrqKdE2jwOtbxeTRRSP/Ahph3YJ0pY0azD+oTJpdsd19eOaVzrgX17M2yjE7UZVm3q"
    "sG2+SYt/lEjMiViZQaCIMvpItGiBO8cDrgMPYWszPLyYbZ9WlqwSUYqHI6qmKw3NfRuaUtXspKrJL2e9WdM8htLW5Ci7"
    "6YAeZOfBJ/t6dD8ZDQfK6GFwTysm45FFJlQQXZyS+1gjmaTvayZy21JW+disgx7R8nvSPpD2Qb0HLXErxfNJqDtUh29b"
    "vKZp/unSx9g5rKrA/KBYWkYGxRjUU4gfoDMg/WwilXeoYCKTg3ROhI4P1BLEbkaPn4YD8DAeXN9ObsNCL7G6RG+SS0l1"
    "tfGgP8y7711R8kFKQk5aRkKF9MRIT0xrPTH5V78GOLudkJ5a7YQzppt0bt3q0Foij6Su4KHqMXxcuRYnZa4uI2mrvMC1"
    "gMcLtyZcCoQ/EqhOwDNCOuFOAJWwJb4HvwaK5K/AcOlvAK8Lw4SUhzE3HNcDqu2+QofctlSd4x1r5Cls6kY4m/ETC8wN"
    "6UHbpwftBTJSuUoODoOsHK7jtA73kEEbFsNVFqq7EIE5L9dBvOsv/s6zvssr2XIt8GPWs+uoZDtDOmNp4DuPovZdcGTs"
    "23Eka33yZ3R3a33u3yvQusFt1pDdr+3VNnB3Nb4OTCzo+7rhDWzPYdpdqbsnZTaXStopEDc0RBjzuAE9YRlR0oAaJKA6"
    "cI6x0r8HNlxBYhS5EC+/xOrR40tkF2RbV7t3WYWUkD6DmRzSnBrc/C3uYc+5tjJHtpU5slJnkDqDjCTsnlmB4aGfC4iW"
    "ZFekZPZIWeg1BWnDhnmQjC8CcCIhPR8VACa1M5BQflAi0UGAaybSHNsR5XtaJ7pyQHnH9zesWrAP+CpZfRORzs3a+hff"
    "yFcvlqCZlZIwV4CZfQxVNYYp90iqVu13vcnj9fVgMrkCrq+RssVP9njw+ZGSfkNPwZP9uX87JBfmqmG2hf17kNBL65SQ"
    "+mIvGtKFdI2ofefWkfrrxOrQwy8OY67yz7NLiex0oN12QP917tvUHAIz3zA9w3bfksf+rakBKAG8tnPuWlKUpQ8dQ1v0"
    "WO7l4M5JqWs5abPJp8wHv+Yq838U32tjfBhZqTtfbuPiokq5jYsLfrkNci9nlCyFDskNm3cQ3feVipm8Lylm8r5YzAQ/"
    "0WMeMMXf4lIi+9/iDkPk6MZm9vv/A4N6ZF4="
)
