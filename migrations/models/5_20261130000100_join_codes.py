"""Codes with which people make themselves students of a course."""

from tortoise import BaseDBAsyncClient

RUN_IN_TRANSACTION = True

UP = {
    "sqlite": """
CREATE TABLE IF NOT EXISTS "join_codes" (
    "id" INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    "fingerprint" VARCHAR(64) NOT NULL UNIQUE,
    "sealed" VARCHAR(200) NOT NULL,
    "max_uses" INT,
    "uses" INT NOT NULL,
    "created_at" TIMESTAMP NOT NULL,
    "expires_at" TIMESTAMP,
    "course_id" INT NOT NULL REFERENCES "courses" ("id") ON DELETE CASCADE,
    "created_by_id" INT REFERENCES "users" ("id") ON DELETE SET NULL
) /* A code that lets people into one course. */;
CREATE INDEX IF NOT EXISTS "idx_join_codes_course__d3a7de" ON "join_codes" ("course_id");""",
    "postgres": """
CREATE TABLE IF NOT EXISTS "join_codes" (
    "id" SERIAL NOT NULL PRIMARY KEY,
    "fingerprint" VARCHAR(64) NOT NULL UNIQUE,
    "sealed" VARCHAR(200) NOT NULL,
    "max_uses" INT,
    "uses" INT NOT NULL,
    "created_at" TIMESTAMPTZ NOT NULL,
    "expires_at" TIMESTAMPTZ,
    "course_id" INT NOT NULL REFERENCES "courses" ("id") ON DELETE CASCADE,
    "created_by_id" INT REFERENCES "users" ("id") ON DELETE SET NULL
);
CREATE INDEX IF NOT EXISTS "idx_join_codes_course__d3a7de" ON "join_codes" ("course_id");
COMMENT ON TABLE "join_codes" IS 'A code that lets people into one course.';""",
}


async def upgrade(db: BaseDBAsyncClient) -> str:
    """Statements for the dialect of `db`."""
    return UP[db.capabilities.dialect]


async def downgrade(db: BaseDBAsyncClient) -> str:
    """Statements that drop the table."""
    return 'DROP TABLE IF EXISTS "join_codes";'


MODELS_STATE = (
    "eJztXW1z27i1/isYfWl2xs1N7DhJvZ3OKLay667fKsnZ3sY7WoqELNYkoOWLHN12//sFwH"
    "cSoAmJpCguviQyiUNJD6CD8/Kcg/8MbGxAy3099L3lBLquidHgDPxngDQbkhe820dgoK1W"
    "yU16wdPmFhuvkYEzNxjJ7mhz13M03SM3F5rlQnLJgK7umCsveK/BLYLAwo8mOgILB9vANR"
    "+RiR6BiYCH47+w772mzzOwTh5IrsiL+sj8zYczDz9Cbwkd8oCvv5DLJjLgN+jSP78OfBc6"
    "M9Ogwx24xk/QmGne4Bc6bvU0W5jQMjL4BEPZ9Zm3WbFr50vN+cxG0s87n+nY8m2UjF5tvC"
    "VG8XDydejVR4igo3nQSCGFfMsKkY0uBV+CXPAcH8af3kguGHCh+RbFm0oHnyC5NpjNbm6n"
    "s8loOpsNCnMRSaQwDi/pZDrJPJrIc9n3t7VvMwuiR29J/jw5/j14nwSHYBR9wy/D8fmPw/"
    "Grk+Pv6BtishiCpXIT3jlmt35nj9A8LXgIm44EZh3jJxPOlpq7lME7J7YV8CGsXcT9/bsK"
    "uL9/J8Sd3qK4p3B2nYU8ymmhWjCOhiQgJ7qjByhrhuEQFSmDcUqkHvVRBeLB4EABZlpcI5"
    "B4MhhnpXoH8/GbNxVwJqOEQLN7OYXhQIoG3SQLSF+QO55pQ4HWyEjm0DZC0dfRi6awb1KL"
    "kC9o3CJrEyq4EvCnl9ejyXR4fUffznbd3yyG33A6oneO2dVN7uqr97l5ih8Cfr6c/gjon+"
    "BftzcjBi92vUeHvWMybvqvAf1MxGTDM4SfZ0THJLo4uhqhlpl1+G1lkqdtMetZyR7O+oHM"
    "coRJ6TSnLGDJac5K1jDNHbMQ+jTLKZcnO8WXyCvZKLm+jBnsnQf2myWfl/z35+O37z68+3"
    "jy/t1HMoR90PjKh5IJv7yZkk2ReoiLJ67zQuEqovsZO5A4qD/BDQP5knwiDemQA2rog9+H"
    "jzkwcH+PVk90Nfk1O9pz7FKnFxX57uQbQy+w14aT8+HFaMAQnmv607PmGDMB1A5ckF/Gkv"
    "j4TxBxDOxPofznn8bQ0rwwnMHHexw8a0of1SPcGY74GKfwyyBbvGUf2/krGiJ2shG+N30n"
    "HmacOFIeU3EgqTiTL0eShoCNBt5S88Dc37jkFQQIfvPASjOdI4DJD6wYRaou9nIESSpQJF"
    "SwVXVr+DvqbpioBsV6VBIWYvMmHa/ISvUuGle/O63M/T+EIeiuIPK2mOS0nDL1Oz3DQWKG"
    "a+2L9WVWqr242IHlL0o8ADdJne3oBOQScQcGe1VfILviZN2BRg1czIAtGrb0erlBS0ZUtm"
    "Pp0w3gQg/gBVhBxzaDjOr34Hlp6ktikUIX0LViuDTZ+evaJlP+2vHJW7zWdJ3A9yvPzq3r"
    "scoO7pYdzP6X0OjR+N7ZvnVlohNo0x9LAuGcmEomiZJJhV2zMb2eDchxgkPXGtpMMf234Y"
    "jcXn8wJXsw+1qz3M4WfUmHBsygEd+O97MFdhj+T3ATgxvu3PHchPeoTHjLWzrYf1xGErP4"
    "cdzdnlyf5RX+76UbNfvYnI06+jrijTpeHS9v1BNswzk2NmT7xEDXEKMckZ2zuPeWjlTbab"
    "e2U7oCZLfUtEzvttUGQkq2Zloy+MYCvQP3+LQKumSUeCs9LeC70lz3GRPNKxscLQj20N9v"
    "hAmzMB3Xm8mqjaxU78zE+hWHpW2BckZIgfwiyKY7I3aPueaA/AkTQ01DAgMjLZfDeU4Emw"
    "I6Ut7thn8/3d5eZSK/ny6nOYzvrz+Nxq/eMujJIDOwaiMLJMUIXRNbhEMSKCGExhKKcfvy"
    "gqbph9m/sYkgx14uz27kRHuYw+oxUZEpflYhIjvtWUmV1upaWksiblTIw+xIDOpnDobvPp"
    "BZgt6OeN2FDxvTZ/UVMROtTY8BsSNal/GDDlaplCNlQ3sOHXdprnZE6jp+UF8XFTU7yBAD"
    "7ojU38lzzsnLnq6ohWntitBn0zpE060SPB60VzR2vyNE0/AxfYVpbe8I0Be7r9B4mvu06+"
    "ohj+ip+lnbM7iGaFcz6Ys9WsNK9ROHCJJpEPWBPYj0Dc0G7mokJU/7CW769LOTSnIn8P7m"
    "Y08TY3qL4BSTf15G9h/Rg3qyBst4AEkKezceQET+OqgklCwPIPqSeR5AQqbI8gBSuf48DS"
    "BNEdiNB5DEAoREgKz3yWEEFNxTMTWA4xZX62/i+voyqDI5Ao8YG6ykBGjIAAh7gCAHLIwe"
    "+Q1OJGQVkaBbRAJVn9JOPw1dxz7ypIHOy/Uw1a2KgVRMXVWFq6rwroHbQlV4k2UgqSA9x6"
    "LMhvDF5mQuZ1ClMIQGg4NCZVt7osUamLxAGxBuZS54Nr0l0AA1o3kVINLyyqTslklJJ3CL"
    "PnjGjl3wOgZyv9ipHYultEBPdcJgQlV8o/E9tNDrL1mijyf7JieyJdS+aZH2jLe3ndbBGV"
    "NNBsz2gXxzIECqboFiqPtLwlMRA+GsH8gsV4oYRD/R+UYublCQ20pvds2GajZ4kGDWXgih"
    "YwhXjSAUllcmjkA+Bbi5v7raVyAhSLdyYghxHlYcPmA534qRgyvTNol3jxe0xwOgUZVidE"
    "AwZocIQAeCiP0OBqx8gp0jZZ1mZFSglmOl2tDGzmZmz2UcqLSMQpWDqmG6T7NHGUxTEgpR"
    "DqJre2ZRlS0BaVpEYSqys2RMgZcSOhHzquF0TlepRDskc3ayq86x77iQZ1iFd0otK52NqZ"
    "6UsTTXDbIqJvlf8x+XXpBIsTV9aSLoclMx1aRUAqZbNtd+e23tW91mQtdvjz9WiF2TUcLg"
    "NbuXixGGdSoyua3aMi8dymq13MpsCr+JzLDetTIri7qN/jnNBNwiQF9dD//5XSbodnV780"
    "M0PDUB51e3n3LAk03f8baJf2YEVQ1yl6OfEBlbRbgTMTW/XZ5f1RKl5ZYoKlcoNhT6myv0"
    "V8aWs56VVLPelVnnaNe4MEu6gYfqHTAoibfsu3fAQeKkquM7VB3fTQNWFcfLodNkwjyluD"
    "nB3axaFwd4c/tIlSAvDV7/yQXkR65DejiCBoIoMS+0WzqWE9D9Gkac2e2o3zalvP6SC/Vm"
    "D6iPR6job1vRXzFxeYR8u5DkOTgS82A6Gp7/OBqTWYOaTpbnA5pM7y9GN9Mz4Hq+ETaokI"
    "4Uv68SKM5boKk48ft8MDPoyLiFn5ARVG5CV9yEKs5hoCQl2YVpGZXy5rPb903S6gGiZWTN"
    "eG/fkaiZpK4PDODKXM30j5VPEciv3BpgVSW0+2C+xnEFjhmfjjmIjfhshEOuepaAQOxziF"
    "cWNdA9zCivYoO+muADekDTwGxywVJbExEM5hDQD0xf0p0ZmB7QHsl0HbEWLtQzWG0o55ae"
    "OUzNzrnmQkYIwfS9AMLs2BgTnVFJ031AT3DlARdqFjSCZyywT/6dk0Hkoy3IZ4bOinx0D7"
    "wKD3DDK7quaZnx6wSzX7+rSC/5mvpZKm+jVW8jNZl8p4MPb05MFfzmvIliwW/wc5LBOJHo"
    "sju3JcCNHJCyj7LUjkXMVGFqR4FUyWYx1P2NJ3SoMLVjiupAJrkSc0dFjZrUmKraVwWQuh"
    "PrkAwgqTLqnpRRs+MbOIGk6FgHcRApPjuiSvyIDj4C2GFBn6hyZw4JvsBfWVgzoMGLHlUV"
    "qxKLwc8oDueRFen57oCM+Rq9PsrYJipc02q45gly9Ig4hBAO7114pv7KFVVzlWrHdlolNH"
    "N6WtKO7bRwWrDvEKt7a2JDSrzLiA+mo+u7K+KSUHJDwNZ7QJeT2zOijvEDGk6nw/MfrxnV"
    "QfM8TV/anWE7JNp9m/lJpFss3gp2Ngqa5Czd313dDi8ub344A/EzHtB4NLz43zOWQtl0Y0"
    "7I23lkgQRgSiinvFyLc0LMIMvUWSrof7DuQe/P5N2gZktO0Zaq6+1x2faalIt+KCkX/VD4"
    "ZZj/B4lRyufvmo9CmyYr1ycX/y/HxycnH47fnLz/ePruw4fTj29iO6d4q2xGPl3+QG2ezF"
    "wUAwHuUjs+fS+VOokl+tcttf7U1AI7Ni9AWZL+iyX6h2/9anxtOp6vWbNtFQlfvkdRrZb1"
    "iUrFiCdEpWJUKqajk1wpFZMOXlWMPaVF+mSlNZUrYHi1F83uGrpVw9npZZWJZI/JIh9fnk"
    "/LItn7LB7spnaq7RzLwOMXo1n9IMv7+Ek9QlQiJRJ+f05SJEFGnBYJ5qFiYuRH/Aw0luUA"
    "OrahS0veVibUoUs/Fa20gwbQlz56YrfoeTPYMaDDciKvPN/9jmVGtIUHHcaDxTT9UcykNP"
    "g+qstat1IpHvZCn0rOG8vK9clgaNsNoz8jwQSIyR0ZoR75wLXRZoi3AnXqpMqHzTii/Yvv"
    "1B8/c8j+YK4Zc0E6tlOU7Q11tmV1QjdtOccvJaE6wdfZp3hh8krYJfsUR8Sag5qEqs5hau"
    "k13ac49vw4dnraKxRb6hkXtAqJ6c7B32z8Lc6BB4ykqEUFeIWJvWwuwMqfW6Z+BOAaOpvw"
    "5nfA1ja0uwWP5VTbc+VK0o4SHpQy0ds00RUpp9lGyKpd7/7a9R4a2WYF0TZUm7vRTUC0Ce"
    "Uf0Jfh1eXFcMourjXLJL9+dv3y+u52HFw27RV2vAIph4y5YdJkBGKiD2g0Ht+OzwB0HOzk"
    "d4z9ZHuxK83XSYm0OKMsNNXUL6ppvqbpzoJtnuNuvdAsN5FrsVlufOVgu+WGH3u2zYlQXF"
    "l1CqwI4m2Oh+LKtgjxm+N3B4byFsdFFSXbRPhA8HXdJS2pd2St97xcD+zKpndBCpkOiam0"
    "oJxbbuyxbDPkias9UWJP9H2e339/f3nBBzwanwOZXn5NpQ4vtl6Cc7CcA9M5TfNhXzS3ju"
    "25SYxgPpwlGiMr1r9cxUkV7+RE7J2cFLwTJHn2UTS+f9jWnwda21JRwGi4SmJybAiPQP4o"
    "Zz4kImqxVuhHRYCkmV4R0OWGQ0FYnTsj4Ukfxjm1B+Nv7K8+q2s6Yz+Jd1U+1Gxlrip/a9"
    "ZsC5MQvCTY3ye3NwLrLSOVLwoxdQ/8F1ime4BapARfCkd5Miyf9zrK+n70AflkmCrHEi/9"
    "/pZjqWPY+jbrnPqswklGqlPeoAELWBW9NeBVkFWnw5k8q7Qo2CPXQvUf3DdzVNx/MKkrLO"
    "iGGoBV1ZoC7VADthWpzh1TCVWhLSrEHcph1SGRbR2DSIDiMMYD+MRc8XB+XmaJ3yIIbE1f"
    "muR/vGBVk+w3WOR9l46UbWgZrDvmPPxCm1pm1Gn+pmJ974P1vYekercArienrsjzSczwpE"
    "rM8EQcMzxRzHnFnN8Wehal3II6fz4ehTT56An0pNTbu7vRBT0pFa9W0HhA4/ubGzbI8RFi"
    "Y+6G9xM6ZKX5LsxR5B/QxehqFDyV7XZM4vpyMmGXbNN1o0+697zHNkTjPRGMO7/bpuy4Lb"
    "jFe+IUHxCqB5LSPyBEyW8YOmvIa9RTxkxJiylOSnVOiuIF9pMX2ANPUdGEX1qy9dOEbU2n"
    "WT2iTQW2tsBQyIr1D+m3lfqLl7QXL3QXN1cRYjxDV8w/ycvtxEDZzrH568JHOsUTzH3TIq"
    "6E+5q+39/24Gs2Qkwh3qKzHUUhK6k6xnaHkVAkouB5YDFuMc05UTXPXZ5nRTMT73GHSThS"
    "NLM/4qxXoZmlEnmSs56VVBq9O5PM0eh7IRN2bEIVl7D7mEb96uRgzUmpxapOJtgL1619bm"
    "bHVm1T1Ewv1X1zR2j7d7xDHtycNpQ+Gzp1FOkaziz8yEksSdAI79bwCj9emegQLX8hnzDT"
    "R3wN6fCdUPpij9bwIE2AeiiX2U49mq5z4+nyJ49M3OUwflg/fu+yh4/84EPXu2FHcgw4PN"
    "X07aMywuojHTgLzvao3OA4GE7ZqF+ur7T5n1zgaOgxOXnd054gYmeCPGsuWDnYNl3+we07"
    "PGmHA0XazEh2i1upyKudJa8WDHvxZt4k7z3RrRy1klG8YqWS1fYva5Sf6a+dKQDwhPCzG/"
    "HcQ9o70QqTyY+AJRs4BHlp6Z00h5wTG49XuuNl3UGmaPYEN0V4xYzitEwf0u1t84mXRA/J"
    "Yp6WUZhvj/lsZSK0VZSe/wQVre9atH6nLT296RQXiORpMpXK/rq13VSNjMRbbNMnyUw8uO"
    "IaRfR6qT3kae7TzCXDZOwh4v1QcwZF5gyVj17TB56BZ8f0PIjAHC6wQx4zh94zhPRYRiM4"
    "glFgK9X1ZI4d9ZV9V3qTgfRLVbtKVRI2YFARFWbyS7QmtmZZQnzTcn1KaJ0cf3gfY0z/KI"
    "N3cj28uuIQxVVZYUQGfVflSJ534hN53hUO5Dm86jZ5sAfEkBhPgxo2xpJ8QBfE5DgDBlG/"
    "D+jz8PKK3lxopkXv3d9c3LLaNB8ZmFWr0St0PL1AJSbT+/Of6NN8/Smv7ytxemuvXFPFFM"
    "0VU/grOfJ/NL5/2B6/eVMBXDJKiC67l4OX/Khm0hinhRTQlYB2zVCFV7T54vGKB8IhLfne"
    "yudEEcTlE4mEat25fYVEfOxa1dBZLNAHLbGH3gddqUfpnGF+mFzmKgz2hYlMd7nVtOdEVX"
    "y0a/HRDBuMxsjkCKKJRJ+iFE2xQ6PA3K5Uu/AxBwZuZZ5dsqgqxJNby8oz1Dmx52g2ymPP"
    "Ej3pVibUWZ+5Z+w8nQENrKEzBxiRV2QTfYQeI+N4SzJScyDy6FDyqTf8vnU7Pa1Kb7sk5u"
    "P4KG5cFzw7WLkMC/YnmVV2N3ir+M+ovG2+Cec9Ve+mWt+1GrB+Il9LxvGOxnc53qeCq1uD"
    "Xd+h28UuYZP78/PR6ILFYX1dh9Cg0dZ89PV8eHM+umKXdAqLZQWtdfYfYyVKTOP1ghW7/I"
    "lEN3ol0LftTa+E3I5TVYHlxHqox+pf+cluLuMqpGSUs8AJIVpY53gH4pUbja8lkLVfo6bh"
    "Q4otDcm1tokFuqGne9XTZuWY2DE9Dt/xBUpESq49/XHarPKogw+hebQyjVcoJcQyLaKOcy"
    "w0KCXaaAtQ82K9WaS1AbuAchnHeLxao3koaTSHV2kuNhcSiT5kvpomeVhQc+HMR55pyeY8"
    "cqIq59HlnEcYs5Sc4kSqh5nMPk2vj57NOICVneHSJs4ZuRa7OMdXDraNcxCkmznwN1rWvF"
    "23O/4jlCLt8i9t5eBHfrPel9y6RK43Zl4dbp0b1rRUte+i8f2z7upPxAhYY+KAkIg1prh6"
    "EpEfcot+fgnYEwmFuzreXLH2ZFh7HeJqHs7vr0uTXMnsUtzMP8Y8q06zDQRRC7yzqsDm5R"
    "S4RXATjl91YDMyCtQXCcUBXkWAm6IUdwzdqozizLLic4r5aqEGZCt28j1QZAuaUNAVVXXz"
    "rbWbr1y72bjtSS4ALtFGNWqwcmDunQjp7HpcmpZBFMRuCPVLg8o1mZWspPg5yERzail+jn"
    "PU4mqKII9duVHqysG0C2LQztTxkcv667hHYL4BpucC2oTH0lwPuET30OIHy1xAXp/U7R+0"
    "Q7NDuSr4HcrfO1bl0Eh2X1z1QLu5yQAdje8jW/i4SrSdjBLzhY8L8XZuNwexF6BIwkKvak"
    "1UH7eflHixpkR6uF7rZwvTOhupEoJYoMW6nLCKZtCOTqi9goC8ne47xOjSOT5WSUArI6UU"
    "BO+E4u6E/bsGdZ/iwdTSnLkQbsNey8uqqe7cVBdifvupeQ/OTuE4avGhKmI/LTm95WU3bY"
    "Jt4hqRCQVLzQX6kh5AYXwPnomdDYlzxU6eIK4Tog37kOGCOXRNg94pOmq7PapKwTv5LsjV"
    "WIlOGJuhdexSLtwn8/GPUqn+l+Pjk5MPx29O3n88fffhw+nHN/EOV7xVttV9uvyB7naZn+"
    "HL9ezFyao+E0XZ3hDUWpmV1CwIi3JfLns/hMrcwZfrM7C2H9B0OPnpDER9XmTt7Cqet9jv"
    "LnjdeP5vqEtm4DIyysDuyPGkHYsaqzz8IYGrmCMN5eH3Y5Onzn3kGObZUyHF1nl4BOXMMs"
    "NK92q9qehwmtug/aKIOH2pgTsHf7PxN7btfR//ZXoutBZggWnfB2Zz2+DZpKY5MLSNS7tO"
    "Leky47etauqNuAcmRI2D6ZsWDkz4mhxvodpRtd2OSrUkrHs7aLV7eefAbL6rthWq3orLNR"
    "qu1ipnrcqHNlVAs6MBzWxt/RpyquqrhQNi4S4rJLKWP9+eARMt8AP6eTgOOt8R2y/ofDca"
    "j2/HZyAuKttznMCGrktszeKMiLuop0S6PA+1/LyaaKS+50NMe7BPlLCieYf1SZNLtzuurx"
    "vLuNYD+1pzbL/YwnRTdOuozKUlX0om50S9zCBRxBh9NFu0JA8nE24ADxNvMzy8mO+fVpas"
    "klGKpyPqpqsczbYdTWVq9tLUFLezftnSPITW1vQou+mIHWTnwQd0fnszub0azW7vRjesYz"
    "KZWWzBGWbKKblPLJJJ+r5uYbcrbZUPzTsYUCt/oPwD5R/Ue9CSsFO8mIS6Q3f4ruVrmuaf"
    "rnyCncPrCixOiqVlVFKMQz2F5A0MDqSfLayJDhVMZHKQLqjQ4YFagtjF7f2nqxG4G4/OLy"
    "eXYaOX2FxiN+mlpLvaeDS8yofvXVnyQUpCLVpOQYWKxKhITGcjMfmffg1w9rsgPaXtpCum"
    "mwxuXRrQXmGPlq6QqRpwYly5EUdloS4zGTt7ghuJiBcZTbkUmLykUB2BR4wNyp0AGmVLfA"
    "9+DQzJX4Hpsu8AnpemBRkPY2E6rgc05D5Dh962NUMQHWvkXfjUjXA1k3csMDdUBK3NCNoT"
    "5JRylRwcBnk1XIfpHbZQQRs2w50tNXcpA3Nerod419/8XeR9l3eyFXrgh2xn19HJdo4Njm"
    "oQB4+i8X0IZLQdOFK9PsUrur+9PtuPCnRucpt1ZNv1vboG7q7O156JBUPfML0R8hyu35W6"
    "e1Tmc2l03AySgaYMY54MYCcsY0Ya0IICVAcuCFbG9wDBNaROkQuJ+qVejxFforsg37va/Z"
    "FVSAnpM5jpIc2pyc3fEh72nBuramQ7WSOrbAZlM6hMwu6VFQQe9rqAaEl1RUqmRcrCoClI"
    "G3bMg2J8GYATCRX5qAAw7Z2BpeqDEokeAlwzkebQjihvSU/05YDynu9vxLTgH/BVon0Tkd"
    "6t2vqVbxSrlyvQzEopmCvAzD+GqhrDVHgkVaf2u8Hk/vx8NJmcAdfXadviBzQefb5npN8w"
    "UvCAPg8vr+iFhWZaXWH/7iX10jkjpL7ci44NKVsjGt87PVJ/n1gDeuSHw1mr4vPsUiI7HW"
    "i3HdB/XfiIuUNg7puWZyL3NX3bvzU1ASWA13bOXUeasgyhY+rLAS+8HNw5Kg0tJ2NeiimL"
    "wa+5y/wfJfbaGB9GderOt9s4Pa3SbuP0VNxug97LOSUrqUNyw+E9RPdtpWYmb0uambwtNj"
    "Mh7+hxD5gSb3Epkfa3uP0QOfqxmf3+//PhTzA="
)
