"""Versions of templates, and replicas of them on other nodes, which have numbers of VMLab's range.

The table of numbers is kept in step with the replicas as it is with machines and templates.
"""

from tortoise import BaseDBAsyncClient

RUN_IN_TRANSACTION = True

_GIVE_BACK = 'DELETE FROM "guest_numbers" WHERE "uuid" = OLD."uuid";'
_TAKE = """INSERT INTO "guest_numbers" ("vmid", "uuid")
    SELECT NEW."vmid", NEW."uuid" WHERE NEW."vmid" IS NOT NULL;"""

SCHEMA = {
    "sqlite": """
CREATE TABLE IF NOT EXISTS "replicas" (
    "id" INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    "uuid" CHAR(36) NOT NULL UNIQUE,
    "node" VARCHAR(64) NOT NULL,
    "status" VARCHAR(16) NOT NULL /* CREATING: creating\nREADY: ready\nDELETING: deleting\nMISSING: missing\nERROR: error */,
    "vmid" INT UNIQUE,
    "smbios_uuid" VARCHAR(36),
    "created_at" TIMESTAMP NOT NULL,
    "updated_at" TIMESTAMP NOT NULL,
    "template_id" INT NOT NULL REFERENCES "templates" ("id") ON DELETE RESTRICT,
    CONSTRAINT "uid_replicas_templat_b0360b" UNIQUE ("template_id", "node")
) /* A copy of a template on another node, where the template's storage is local to its node. */;
ALTER TABLE "templates" ADD "series" CHAR(36);
ALTER TABLE "templates" ADD "version" INT NOT NULL DEFAULT 1;
CREATE INDEX "idx_templates_series_903c3f" ON "templates" ("series");
ALTER TABLE "vms" ADD "replica_id" INT REFERENCES "replicas" ("id") ON DELETE SET NULL;
""",
    "postgres": """
CREATE TABLE IF NOT EXISTS "replicas" (
    "id" SERIAL NOT NULL PRIMARY KEY,
    "uuid" UUID NOT NULL UNIQUE,
    "node" VARCHAR(64) NOT NULL,
    "status" VARCHAR(16) NOT NULL,
    "vmid" INT UNIQUE,
    "smbios_uuid" VARCHAR(36),
    "created_at" TIMESTAMPTZ NOT NULL,
    "updated_at" TIMESTAMPTZ NOT NULL,
    "template_id" INT NOT NULL REFERENCES "templates" ("id") ON DELETE RESTRICT,
    CONSTRAINT "uid_replicas_templat_b0360b" UNIQUE ("template_id", "node")
);
COMMENT ON COLUMN "replicas"."status" IS 'CREATING: creating\nREADY: ready\nDELETING: deleting\nMISSING: missing\nERROR: error';
COMMENT ON TABLE "replicas" IS 'A copy of a template on another node, where the template''s storage is local to its node.';
ALTER TABLE "templates" ADD "series" UUID;
ALTER TABLE "templates" ADD "version" INT NOT NULL DEFAULT 1;
COMMENT ON COLUMN "templates"."status" IS 'PENDING: pending\nVALIDATING: validating\nIMPORTING: importing\nREADY: ready\nINVALID: invalid\nERROR: error\nDELETING: deleting';
CREATE INDEX "idx_templates_series_903c3f" ON "templates" ("series");
ALTER TABLE "vms" ADD "replica_id" INT REFERENCES "replicas" ("id") ON DELETE SET NULL;
""",
}

DROP = """
ALTER TABLE "vms" DROP COLUMN "replica_id";
DROP INDEX "idx_templates_series_903c3f";
ALTER TABLE "templates" DROP COLUMN "version";
ALTER TABLE "templates" DROP COLUMN "series";
DROP TABLE "replicas";
"""

TRIGGERS = {
    "replicas_number_new": ('AFTER INSERT ON "replicas"', _TAKE),
    "replicas_number": (
        'AFTER UPDATE ON "replicas" FOR EACH ROW WHEN '
        '(COALESCE(OLD."vmid", 0) <> COALESCE(NEW."vmid", 0))',
        f"{_GIVE_BACK}\n    {_TAKE}",
    ),
    "replicas_number_gone": ('AFTER DELETE ON "replicas"', _GIVE_BACK),
}


async def upgrade(db: BaseDBAsyncClient) -> str:
    """Statements for the dialect of `db`."""
    dialect = "sqlite" if db.capabilities.dialect == "sqlite" else "postgres"
    made = [SCHEMA[dialect]]
    for name, (event, body) in TRIGGERS.items():
        if dialect == "sqlite":
            made.append(f'CREATE TRIGGER "{name}" {event}\nBEGIN\n    {body}\nEND;')
            continue
        row = "" if "FOR EACH ROW" in event else " FOR EACH ROW"
        made += [
            f'CREATE FUNCTION "{name}"() RETURNS trigger LANGUAGE plpgsql AS $$\n'
            f"BEGIN\n    {body}\n    RETURN NULL;\nEND $$;",
            f'CREATE TRIGGER "{name}" {event}{row} EXECUTE FUNCTION "{name}"();',
        ]
    return "\n".join(made)


async def downgrade(db: BaseDBAsyncClient) -> str:
    """Statements that take it back; the replicas in Proxmox stay there."""
    if db.capabilities.dialect == "sqlite":
        return "\n".join([*(f'DROP TRIGGER "{name}";' for name in TRIGGERS), DROP])
    dropped = [f'DROP TRIGGER "{name}" ON "replicas";' for name in TRIGGERS]
    return "\n".join([*dropped, *(f'DROP FUNCTION "{name}"();' for name in TRIGGERS), DROP])


MODELS_STATE = (
    "eJztXW1z2za2/isYfWk6480mcpxk3Z2dUWyldevYvpKc7t24o1IkJHFNEipB2vHd"
    "7X+/APhOAjQhkRTF4EsikziU9AA6OOc5L/jPwEYGtPDLke+tpxBjEzmDU/CfgaPZ"
    "kLzg3T4CA22zSW7SC562sNh4jQyc42Aku6MtsOdqukduLjULQ3LJgFh3zY0XvNfg"
    "2oHAQivTOQJLF9kAmyvHdFbAdICH4r+Q772kzzOQTh5IrsiL+o75hw/nHlpBbw1d"
    "8oAvv5HLpmPArxDTP78MfAzduWnQ4S58QPfQmGve4Dc6bnM/X5rQMjL4BEPZ9bn3"
    "tGHXztaa+5GNpJ93MdeR5dtOMnrz5K2REw8nX4deXUEHupoHjRRSjm9ZIbLRpeBL"
    "kAue68P40xvJBQMuNd+ieFPp4BMk1wbz+dX1bD4dz+bzQWEuIokUxuElnUwnmUfT"
    "8TD7/rb2dW5BZ+WtyZ/Hwz+D90lwCEbRN/w8mpz9NJq8OB5+T98QkcUQLJWr8M6Q"
    "3fqTPULztOAhbDoSmHWE7k04X2t4LYN3Tmwr4ENYu4j72zcVcH/7Rog7vUVxT+GM"
    "3aU8ymmhWjCOhiQgJ7qjByhrhuESFSmDcUqkHvVRBeLB4EABZlpcI5B4MhhnpXoH"
    "8/DVqwo4k1FCoNm9nMJwIUWDbpIFpM/JHc+0oUBrZCRzaBuh6MvoRVPYN6lFyBc0"
    "rh3rKVRwJeDPLj6Np7PRpxv6djbGf1gMv9FsTO8M2dWn3NUXb3PzFD8E/Hox+wnQ"
    "P8G/rq/GDF6EvZXL3jEZN/vXgH4mYrKhuYMe50THJLo4uhqhlpl1+HVjkqdtMetZ"
    "yR7O+oHMcoRJ6TSnLGDJac5K1jDNHbMQ+jTLKZcnO8UXjleyUXJ9GTPYOw/sN0s+"
    "L/nvL8PXb969eX/89s17MoR90PjKu5IJv7iakU2ReojLe67zQuEqovsRuZA4qL/A"
    "JwbyBflEmqNDDqihD34bPubAwP0zWj3R1eTX7GqPsUudXlTku5NvDL3AXhtNz0bn"
    "4wFDeKHp94+aa8wFULtwSX4Za+Lj30OHY2B/COU//jKBluaFdAYf70nwrBl9VI9w"
    "z5pv5C6y4I5InQVPSRFEB6nNi1DRJYeGKLXUMouweMse2vkrmkNcCiN8b/pOvOXF"
    "odzyy0/MuRUX/fOk2wiw0cBbax5Y+E+YvILAgV89sNFM9wggoouKhFt1sefJNilO"
    "TbgXVd2GwiXXXUathj3oqIRBY/MmTe1kpXpHXNbPPCjP6Dkt2wubGW+g420xyWk5"
    "5RV1eoYDY4brGIn1ZVaqPQrxwEI9Jc4STozIHf2lXMzywGCv6jZlV5ys59SogYsY"
    "sEXDll4vN2gjl6SKHUufbgAMPYCWYANd2wyCzz+Ax7Wpr4lFCjGga8XANC78+4NN"
    "pvyl65O3eKnpOoHvd56dW9djlR3cLTuY/S+h0aPxvbN96wraJ9CmP5YEwjkxFXcT"
    "xd0Ku2Zjej3LXXLYoU+a8zRD9N+Gycu9/mBK9mD2tea5nS36ki5lzKAR3473syVy"
    "Gf738CkGN9y547kJ71GZ8Ja3dpG/WkcS8/hx3N2eXJ/nFf6fpRs1+9icjTr6OuKN"
    "Ol4dz2/UU2TDBTKeyPaJgK45LDuL7JzFvbd0pNpOu7Wd0hUgu6WmZXq3rTZAKdma"
    "acngGwv0DtzhSRV0ySjxVnpSwHejYfyIiOaVJUcLgj309xtJGlqaLvbmsmojK9U7"
    "M7F+xWFpW6CcEVIgPwuyiefE7jEfOCB/QMRQ0xyBgZGWy+G8IIJNAR0p73bp3w/X"
    "15cZ5vfDxSyH8e2nD+PJi9cMejLIDKzayAJJJc8+EFuEk09RkjsbS6jk5OcXNA0/"
    "zP+NTAdy7OXy6EZOtIcxrB7ndDLFz4ppZKc9K6nCWl0La0nwRoU4zI6ZQf2MwfDd"
    "BzJL0NsRr5vwYRP6rL4iZjoPpseA2BGti/hBB6tUypGyob2ALl6bmx2R+hQ/qK+L"
    "ipodZIixay7jz+Q5Z+RlT1fU0tw52/OjaR2i6VYJHg/aG8rd7wjRLHxMX2F6sHcE"
    "6LPdV2g8Dd/vunrII3qqfh7sOXyAzq5m0md7/AArlZocIkgqKb+6KWkQTYs86OhP"
    "NHC6qz2ZPO0X+NQnDSWVD5DA+4ePPE2M6bUDZ4j88zyy/xM9qCdrsCxlwuX/dqVT"
    "JqI8uYOK18mmTERfMp8ykeSdZFMmUmkR+YyJdDbFbikTCW0izJnIOuqc5ImCJy/O"
    "ouAwCNW65mBfXwcFOUdghZDBqm+A5hjAQR4gyAELOSt+2xwJWZVz0a2cC1XK006X"
    "Fl1HvuNJA52X62FWgKqbUuEH1WtA9RroGrgt9BposmImFc/gWJTZaIfYnMyFV6rU"
    "0FDePKjptrV7WteCyAvnCYRbGQaPprcGGqBmNK9YRlpemZTdMinpBG7RXdHYsbdi"
    "x0DuVyJvx7iUFjJ53ZBMqIpvNL6HFnr91V308WTf5DBbQu2bFmnPeHvdaR2cMdVk"
    "wGwfyFcHAqTqQSmGur/5iooxEM76gcxyJcYg+okunuR4g4LcVnqzazZUs+RBgll7"
    "FELHEK7KIBSWV4ZHIJ8CXN1eXu6LSAjCrRwOIY7DiukDFvOtyBxcmrZJvHu0pO0w"
    "AGVViuyAYMwODEAHSMR+kwEbn2DnSlmnGRlF1HKsVBvayH2a2wsZByoto1DloGqY"
    "+H6+ksE0JaEQ5SD6YM8tqrIlIE2LKExFdpaMKfBcQCfKvGo4nNPVVKIdgjk72VVn"
    "yHcx5BlW4Z1Sy0pnY6oHZSwN4yCqYpL/NX+19oJAiq3pa9OBmBuKqSalAjDdsrn2"
    "25Zs3+o2Q12/Hr6vwF2TUULymt3LcYRhSY9MbKu2yEuHolotd32bwa8iM6x3Xd/K"
    "WLfxP2cZwi0C9MWn0T+/z5Bul9dXP0bDUxNwdnn9IQc82fRdbxv+MyOoyrW7zH5C"
    "x9iK4U7E1Px2eX5V95iWu8eoWKHYUOhvrNDfGFvOelZSzXpXZp2jXePCLOleJ6rN"
    "wqCEb9l3m4WDxEk1EuhQI4FuGrCqj4AcOk0GzFOKm0PuZtW6mODN7SNVSF5KXn+H"
    "AfmR65CeI6GBgCXmUbulYzmE7peQcWa3o9bkNOX1txzV+yXNoScjFPvbFvsrTlwe"
    "O75dCPIcXBLzYDYenf00npBZg5pOluedM53dno+vZqcAe74R9vKQZorfViGK8xZo"
    "iid+myczg+aVW/gJGUHlJnTFTajiHAZKUjK7MC2jQt787PZ9J2n1ANGyZM14b98x"
    "UTMJXR8YwJVzNdM/Vn6KQH7l1gCrKqHdR+ZrzCtwzPg05yA24rMMh1z1LAGB2OcQ"
    "bSxqoHuIpbyKDfpqgnfOnTMLzCYM1toDEUFgAQH9wPQl3ZmB6QFtRabriLVwoZ7B"
    "5onm3NLjmanZudAwZAkhiL4XcBA7Ycd0Tqmkie+ce7jxAIaaBY3gGUvkk38XZBD5"
    "aEvymaG7IR/dAy/Cs+7Qhq5rWmb8MsHs9+8rppd8Sf0slbfRqreRmky+08GHNyem"
    "Cn5z3kSx4Df4OclgnEh02Z3bEuBGzpLZR1lqxxgzVZjaUSBVsFkMdX/5hA4VpnZM"
    "UR3IJFfK3FGsUZMaU1X7KgKpO1yHJIGkyqh7UkbNTrrgEEnRCRhiEik+ZqMKf0QH"
    "HwHkMtInqtxZQIIv8DcW0gxo8NijqmJVuBj06MR0HlmRno8HZMyX6PVRxjZRdE2r"
    "dM095OgRMYUQDu8dPVN/5YqquUq1YzupQs2cnJS0YzspHKzsu8Tq3jqxISXeZcQH"
    "s/Gnm0viktDkhiBb7865mF6fEnWM7pzRbDY6++kTS3XQPE/T13Znsh0S7b7N/CTS"
    "LRZvBTsbBU1ylm5vLq9H5xdXP56C+Bl3zmQ8Ov/fUxZCeerGnJC388gCCcCUUE55"
    "uRbnhJhBlqmzUNBfke5B7y/k3aBmS07Rlqrr9bBse03KRd+VlIu+K/wyzP+DxCjl"
    "5++aK6FNk5Xrk4v/t+Hw+Pjd8NXx2/cnb969O3n/KrZzirfKZuTDxY/U5snMRZEI"
    "wGttePJWKnQSS/SvW2r9oaklcm0eQVkS/osl+odv/Wr8wXQ9X7Pm2yoSvnyPWK2W"
    "9YkKxYgnRIViVCimo5NcKRSTJq8qck9pkT5ZaU3FChhe7bHZXUO3Kp2dXlYZJntC"
    "Fvnk4mxWxmTvs3iwm9qptnMsA49fjGb1gyxv4yf1CFGJkEj4/TlBkQQZcVgkmIeK"
    "gZGf0CPQWJQD6MiGmJa8bUyoQ0w/Fa20gwbQ175zz27R82aQa0CXxUReeD7+nkVG"
    "tKUHXZYHi2j4oxhJafB9VJe1boVSPOSFPpWcN5aV65PB0LYbRn9GggkQJ3dkhHrk"
    "A9eWNkO8FahTJ1WeNuOI9o/fqZ8/c8n+YD6wzAVpbqco25vU2ZbVCd205Ry/lITq"
    "BF9nn+KlySthl+xTHCXWHNQkVHUOU0uv6T7FE8gicgOOmR7dKrXT3WCQRAVcUG2m"
    "xSFwYhITS5lZwsAhb3AEHslLyOzjaMx3GGCP/LxXrDLNQrpm0fo0Wm9GRfgVc028"
    "Ea2wGwGX+AHk9qNreh506GMc9hRbu6c5VeSWputw40UFcsEMGslA9uHIsBV1B5Yu"
    "ssGNi77a6Ku4QUf0CcN1QT9NoTuHchHadBF8nwfr7e3FuaD6xeciSy+/pFKHqs54"
    "6AUpVgHVmyZx2ffM5VZJ9luOxnc506czxucB5u2wKNoWaTtnk/FoxrJ2oidkk3bu"
    "nPPx5TgYwRQyG/HpYjpll2wTY3ZlPJlcT04BdF3k5veVPUWIbSn9HQ2vxf3tgQZP"
    "/RrshYnwnK+4S/JFsmL9c3qPqyzZY/GSPS7mpqkg+jcYRFfNc/s265yourCBqRy9"
    "kpPqE1PeVGjdS0Vpd4yu97Bb7FGORMktsB2C7Kr1bFvNVeNlyaGj0ktWzEdlEiKq"
    "EFIh8ZKwRKw+LmqYCl4g9wiYS7DxF5apHwH4AN2n8Ob3wNaeaK9VHv9U23PlGiQd"
    "5aryoGuSQaoOTx3RtR/XopEjutRBUvs7SOrQ6KQNdLYpArsZXwUlYKH8nfN5dHlx"
    "HjJMD5plGiHHdPHp5noSXDbtDXJ5zNPFFZMmIxwmmmWZeMxUN5gnhKWry1IiLc4y"
    "i+o09StrurrYxPPADOBYmc8c7ZTItXi0U3zlYM92Cj/2fJvzy7my7bmvrzttExUh"
    "3uYwc65sixC/Gr45MJS3ONy8KNkmwgeCL8Zr2gDSlbXo83I9sDWb3gUpZDok5tOS"
    "VohzM+XKNkOeuNoTJfbEPaQzdJPy2jGfQQUZ2woytpo50mls608c2WfOwb6hrduG"
    "CBIKpZRBIqIWa4UsJwIkrUsQAV1uOBSE1SnJEp60vOOxD4fjYPyN/XUT6prO2E+Z"
    "iGp202wfOdWsqeFzRFi8t4Cv2I1LJJQjlzOBoYu5EUaxFZxIKEI4r1qjmBkP0Z+n"
    "11cCSDNS+cRAU/fAf4Fl4gPc4ErAo3Bk7LNC7DYfps2tZvqAfOxWpeSKl/phJmeq"
    "lNxvcdarpOSqI0ea2MFU97AGHF6y6nQ4ly/PLwr2yOtVB7nsO3tcfJBLkjte0A01"
    "AKva3gm0Qw3YVuwZ0TGVUBXaokLcoeQh3dZh+7qHVAeJnqznXIxM1YW0UxdCgOJU"
    "hATwiWtBwvl5vgrk2qG9O/S1Sf5HS9ajjymqYl1H6UjZ45PCtiDsoCRarJHZc/I3"
    "o6oOVcmhenwcXo8PVRATc/7HVTj/YzHnf6yqYVQ1zLbQ19lcZTq7vrkZn5/Sjlmb"
    "DTTunMnt1RUb5PqOw8bcjG6ndMhG8zGsUPZSbMiS34L3E7fcplBgTwUCnd9tU3bc"
    "FrUBe6oJOCBUDyQl54AQJb9h6D5AXlv4ssyytJjKKaueU6byevuZ19sDT1Gl+T+3"
    "ZOtP87c1nYY+iTYV2NoCQyEr1j+kX1c6zbLkMMvCWZbmJkKMZ+iKk3Tycjul6Wzn"
    "2Px96Ts6xRMsfNMirgR+Sd/vH3vwNRvJ3iHeortdHkdWUp1P1p20jWK2DloEFuMW"
    "05wTVfPc5XlWuXjiPe4ws7JULt63OOtVcvFSgTzJWc9KKo3enUnmaPS9ZFx2bEJV"
    "wmX3MQ0ze+RQzQqppVqEdX9NkHsIbEkGq8qzbCLPsv284I6t2qbSgvfTsvtAwS3r"
    "2E0+A7i6vbwc8DazGtCtnqp6oOBmt3ABtlVSgzcPcG6hFScWKpH5evMAL9Hq0nQO"
    "0VmtlBwMHyAdvhNKn+0xfUpfIaJ3kbXr2fVnwVOmEEe1133BSiqjOttIj54/yAuX"
    "yR9jP8XrUfywfqhG2ZPsf/Qh9q7Y+e4DThp6+vZRWT76ig6cBwfFVz6fIBhOk80/"
    "f7rUFt9h4GrOKjxOwMTA0+6hww6Yf9Qw2LjINjE0eCcS7PCkHU6nbzPhoFup0yo3"
    "vbO56QUHU2z4NFnWkuhWjlrJKF6xUslq++c1yq/0184UALh30COOyljCqhaiFabT"
    "nwCLJXLqX6Sld9IccmRKPF7pjud1B5mi+T18KsIrLhhIy/Qhm6btcoE10UOymKdl"
    "FObbYz7fmI6zVRCO/wQVjOtaMG6nLT296RQXSOQsVaSSKlX1dmu7qUoixVtshj86"
    "G03PRufjHH20m2XkwQ3XKKLXS+0hT8P3c0yGydhDxPuh5owTmTNUPnpNH3gKHl3T"
    "86ADFnCJXPKYBfQeIflbcwygLT2hrVTXkzl21Bf2XelNBtJvVe0qVSjcgEFFVJjJ"
    "r8Cc2pplCfFNy/UpXn08fPc2xpj+UQbv9NPo8pJTB6KqhqNc7zdVTtF7Iz5E703h"
    "DL3DK16VB3tADInJLChRZUnQd845MTlOgUHU753zcXRxSW8uNdOi926vzq9Z6anv"
    "GIgVo9IrdDy9QCWms9uzX+jTfP0+r+8rpezXXpiqaqWaq5XyN3K1PdH4/mE7fPWq"
    "ArhklBBddi8HL/lRzaUxTgspoCsBjc1QhVe0+eLxKh+Jk5PoexufwyKIq6MSCdW+"
    "ePsCKNYyQoY6iwX6oCX20NqkK+VmnTPMD7NUoUqBytJ0TLzeatpzooof7Ro/mslK"
    "pByZXKJyItEnlqKpLOWImNs15TN8zIGBWznfM1lUFfjk1qLyDHUO9xzNRjn3LNFy"
    "cmNCnbWRfETu/SnQwAN0FwA55BXZRFfQY8k43pqM1FzoeHQo+dRP/LaUOz2tSuvK"
    "hPNxfSfuSxk8O1i5DAv2J5lVdjd4q/jPqHp18RTOe6qcVXW2bJWwvidfS8bxjsZ3"
    "me9T5OrWYA820DG2aAx4M746Z5xpKM9rAji9PTsbj88ZD+vrOoQGZVvz7OvZ6Ops"
    "fMku6RQWywo6Z+2fYyVKTOO1eha7/IlEN1qh0LftTSuU3I5TVYHlxHqox+pf+clu"
    "LuMqpGSUs8ChEC2kc7wD8cqNxtdCZO3XqMm2ChtWWK/HQ3GrsGF+vVqaI9e5Khbo"
    "hp7uVcuqjWsi1/Q4+Y7PpESk5NrTHyfNKo868iE0j1ZI8orKhFimRdRpy4X+w0Qb"
    "bQFqXqw3i7Q2YJdQLuIYj1drNA8lZXN4HQ/E5kIi0YfIV9NJHhbUMJz7jmdasjGP"
    "nKiKeXQ55hFylpJTnEj1MJLZp+n1nUczJrCyM1zaoz0j12KT9vjKwXZpD0i6uQv/"
    "oGXN2zWz5D9CKdIu/9I2Llrxe3E/59Ylcr0x8+pw63BY01LVvovG98+6qz8QI8ga"
    "ExNCoqwxlasnwfyQW/TzS8CeSCjct8ddtZUWK5r+Zu11KFfzcH5/XZrkSmaXys38"
    "NuZZNZJugEQt5J1VBTYvp8Atgpvk+FUHNiOjQH02oTjAqwhwUynFHUO3akZxZlnx"
    "c4r5aqEGZCt2lD5QZAuasEJ3XtVVuiq4wq7Scq1547YnOQJcoptq1GDlwNw7EdLZ"
    "9bg2LYMoiN0Q6pcGlWsyK1lJ8WsQiebUUvwax6jF1RRBHLtyo9SNi2gXxKCdqes7"
    "mPXXwUdg8QRMDwPahMfSsAcw0T20+MEyl5DXJ3X7B+3Q7FCuCn6H8veOVTk0Et0X"
    "Vz3Qbm4yQEfj+5gtPKzCtpNR4nzhYYFv53ZzEHsBKklY6FU9ENXH7SclXqwpkR6u"
    "1/qzhWmdjVQJQSzQYl1OWEUzaEcn1F5BQN5O911idOkcH6uE0MpIKQXBO4C8O7R/"
    "16DuEx9MLc05hnCb7LW8rJrqzk11gfPbT817cM4Mx1GLD6AR+2nJSTfPu2lTZBPX"
    "iEwoWGsY6Gt6AIXxA3gkdjYkzhU7eYK4Tg5t2OcYGCwgNg16p+io7faoKgXv5Ls4"
    "WGMlOiE3Q+vYpVy4D+bqW6lU/9tweHz8bvjq+O37kzfv3p28fxXvcMVbZVvdh4sf"
    "6W6X+Rk+X89enKzqM1GU7U2CWiuzkpoFYVHu82Xvh1CZO/j86RQ82HfObDT95RRE"
    "fV5k7ewqnrfY7y543Wjxb6hLRuAyMsrA7sjpwx1jjVUc/pDAVZkjDcXh92OTp87I"
    "5Bjm2RM0xdZ5eFzn3DLDSvdqvanocBrboP2iiDh9qYEbF3210Ve27f0Q/2V6GFpL"
    "sES07wOzuW3waFLTHBjaE6Zdp9Z0mfHbVjX1RtwDE6LGwfRNCwcmfEmOt1DtqNpu"
    "R6VaEta9HbTavbxzYDbfVdsKVW/F5RoNV2uVs1blqU1FaHaU0MzW1j9ATlV9NTog"
    "Fu6yQiJr+eP1KTCdJbpzfh1Ngs53xPYLOt+NJ5PrySmIi8r2zBPYEGNiaxZnRNxF"
    "PSXS5Xmo5efVRCP1PR9i2oN9oiQrmndYn3Ry6XbH9XVjGdd6YF9rju1nWxhuim4d"
    "lbm05EvJxJyolxkEilhGH40WrcnDyYQbwEPE2wwPL+b7p5Ulq0SU4umIuukqR7Nt"
    "R1OZmr00NcXtrJ+3NA+htTU9ym42ZgfZefDOObu+ml5fjufXN+Mr1jGZzCyy4Bwx"
    "5ZTcJxbJNH1ftxDuSlvlQ/MOBtTKHyj/QPkH9R60JOwUL05C3aE7fNfiNU3nn258"
    "gp3L6wosDoqlZVRQjJN6CskbGBxIP1pIEx0qmMjkIF1SocMDtQSx8+vbD5djcDMZ"
    "n11ML8JGL7G5xG7SS0l3tcl4dJmn77Fs8kFKQi1aTkGFYmIUE9NZJib/068Bzn4X"
    "pKe0nXTFdJPk1lngaU2JXRx88wLHlRtxVEZ1RX4bDgZLMF6hJFi6yA7KVolryKgs"
    "xP6EjsEnvKoKSvFdgd8ZHxoWnUKeu5yeU+bIqnPBWufH1IHyzfUa37jIQzoSkB58"
    "fNMyvfCwm2UwJFevvcvq/aaQDbsiSC5dnd/wtw/41q8ekj2vAHJ5hCIjqAIVnQ5U"
    "bFnKqao4D2WCE5tWcoozgqpJZ5fnGAqOmhDvhVB0yEQPDOUGWPs1eSsZeGOBpgyN"
    "Pp2S6BI0HjVrvtbwWgbkvFzfzqOs36KLEMMb2pZyi+OHOPJqZ+jyzrCiJ9nMKZHF"
    "rkj8uoqS/dspGji+Da1MfsF/2Xm6iUz/MK5/v1ChSBWK7BiaKhSpQpGdwfP5UGRh"
    "x6oB05HvrVMxxH5Cm96qOxXmvTCgvUEe7VBIpmzACfPmRhyVhXnNZOz8Hj5JhHnJ"
    "aFoyj8hLugyPwAohg5bIA40Wxf8Afg/yBX8HJmbfATyuTQuycvul6WIPaA5+hC69"
    "bWuGoAiikXfhV+iHmoK8Y6FAXwWC2wwE30NOx06xUR0O72Ggp5FGyeGZp1twMFm5"
    "HuJdv5MoSrIuP7BUmGh9yD5MHQeWLpDBUQ3iGoFofB987bbrA9SRjuIV3d8jHdtn"
    "XDo3uc2SBO36tV0Dd1fHds/14yPfML2x47lcvyt196jM59LouDkkA02ZxmhkwBHt"
    "NIZYbbgW9Bl24ZJgZfwAHPgAqVOEIVG/1Osx4kt0F+R7V7s/skoubmo/yCfb5m95"
    "Gu2wFix2Bhn7szhWyiFTrZDpvTZaISubQdkMKkqzewO9LYK4O4dvt/rBDAZNQdqw"
    "Yx70XJcBOJFQzEcFgOkRCUgqOJ5I9BDgmnPic3ZSVYhzYr3TE/XnA2Ys0Iq7W0ZG"
    "7W+cppuG4UpWdKREerdqm8j+C7h6ueykrJSCuQLMmH5eLsTPNxJKpLu83w2mt2dn"
    "4+n0FGBfp0VVd85k/PGW9XYKmYI75+Po4pJeWGqm1ZUmT3sJvXTOCKkv9qJLFjjq"
    "rRc4tqRH6k9zNKBHfjictfrz9PqKj25KJE+WmLoH/gssEze2YAd/X/oOc4fAwjct"
    "z3TwS/q2/2hqAkoApxCVx77yYa6jLAFCH/ChO2dvjKBr6usBj14O7hyVUsvJmOc4"
    "ZTH4NR8m/q1wr43lw6gDmfOnKpycVFDBZJT4VAV6L+eUkB+VBMLh8B6i+7rSmRWv"
    "S86seF08s4K8oxe2V666xaVE2t/i9pPI0Y/N7M//ByJvLVk="
)
