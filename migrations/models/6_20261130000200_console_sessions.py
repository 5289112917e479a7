"""Consoles are rows, open and past; those that were closed before are taken over from the events."""

from tortoise import BaseDBAsyncClient

RUN_IN_TRANSACTION = True

UP = {
    "sqlite": """
CREATE TABLE "console_sessions" (
    "id" INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    "node" VARCHAR(64),
    "protocol" VARCHAR(8) NOT NULL,
    "mode" VARCHAR(8) NOT NULL,
    "process" VARCHAR(64) NOT NULL,
    "opened_at" TIMESTAMP NOT NULL,
    "seen_at" TIMESTAMP NOT NULL,
    "closed_at" TIMESTAMP,
    "ending" VARCHAR(16),
    "chain" VARCHAR(32) NOT NULL,
    "renewal_hash" VARCHAR(64) UNIQUE,
    "renewal_spent_at" TIMESTAMP,
    "guest_username" VARCHAR(64),
    "login_id" VARCHAR(32) REFERENCES "auth_sessions" ("id") ON DELETE SET NULL,
    "user_id" INT REFERENCES "users" ("id") ON DELETE SET NULL,
    "vm_id" INT NOT NULL REFERENCES "vms" ("id") ON DELETE CASCADE
) /* One console from its opening to its end. */;
CREATE INDEX "idx_console_ses_chain_7def24" ON "console_sessions" ("chain");
CREATE INDEX "idx_console_ses_vm_id_576090" ON "console_sessions" ("vm_id", "closed_at");
CREATE INDEX "idx_console_ses_node_ffc38a" ON "console_sessions" ("node", "closed_at");
CREATE INDEX "idx_console_ses_user_id_85213b" ON "console_sessions" ("user_id", "opened_at");
INSERT INTO "console_sessions" ("vm_id", "user_id", "protocol", "mode", "process", "opened_at",
    "seen_at", "closed_at", "chain")
SELECT "vm_id", "user_id", LOWER(SUBSTR("message", 1, 3)), 'control', '',
    STRFTIME('%Y-%m-%d %H:%M:%f', "at", '-' || "seconds" || ' seconds') || '000+00:00', "at", "at", 'event ' || "id"
FROM "vm_events" WHERE "kind" = 'console_closed' AND "seconds" IS NOT NULL;
""",
    "postgres": """
CREATE TABLE "console_sessions" (
    "id" SERIAL NOT NULL PRIMARY KEY,
    "node" VARCHAR(64),
    "protocol" VARCHAR(8) NOT NULL,
    "mode" VARCHAR(8) NOT NULL,
    "process" VARCHAR(64) NOT NULL,
    "opened_at" TIMESTAMPTZ NOT NULL,
    "seen_at" TIMESTAMPTZ NOT NULL,
    "closed_at" TIMESTAMPTZ,
    "ending" VARCHAR(16),
    "chain" VARCHAR(32) NOT NULL,
    "renewal_hash" VARCHAR(64) UNIQUE,
    "renewal_spent_at" TIMESTAMPTZ,
    "guest_username" VARCHAR(64),
    "login_id" VARCHAR(32) REFERENCES "auth_sessions" ("id") ON DELETE SET NULL,
    "user_id" INT REFERENCES "users" ("id") ON DELETE SET NULL,
    "vm_id" INT NOT NULL REFERENCES "vms" ("id") ON DELETE CASCADE
);
CREATE INDEX "idx_console_ses_chain_7def24" ON "console_sessions" ("chain");
CREATE INDEX "idx_console_ses_vm_id_576090" ON "console_sessions" ("vm_id", "closed_at");
CREATE INDEX "idx_console_ses_node_ffc38a" ON "console_sessions" ("node", "closed_at");
CREATE INDEX "idx_console_ses_user_id_85213b" ON "console_sessions" ("user_id", "opened_at");
COMMENT ON TABLE "console_sessions" IS 'One console from its opening to its end.';
INSERT INTO "console_sessions" ("vm_id", "user_id", "protocol", "mode", "process", "opened_at",
    "seen_at", "closed_at", "chain")
SELECT "vm_id", "user_id", LOWER(SUBSTR("message", 1, 3)), 'control', '',
    "at" - "seconds" * INTERVAL '1 second', "at", "at", 'event ' || "id"
FROM "vm_events" WHERE "kind" = 'console_closed' AND "seconds" IS NOT NULL;
""",
}


async def upgrade(db: BaseDBAsyncClient) -> str:
    """Statements for the dialect of `db`."""
    return UP[db.capabilities.dialect]


async def downgrade(db: BaseDBAsyncClient) -> str:
    """Statements that forget the rows."""
    return 'DROP TABLE "console_sessions";'


MODELS_STATE = (
    "eJztXW1z27i1/isYfWl2xk0TO05Sb6cziq3sumtbvpKc7W28o6VISGJNElqClKPb7n+/AP"
    "hOAjQhkRLFxZdEJnFA6QF4cN7Pf3o2MqCFX/d9bzmGGJvI6V2A//QczYbkA+/2Cehpq1Vy"
    "k17wtJnFxmtk4BQHI9kdbYY9V9M9cnOuWRiSSwbEumuuvOBZvaEDgYUWpnMC5i6yATYXju"
    "ksgOkAD8V/Id97TeczkE4mJFfkSX3H/M2HUw8toLeELpng6y/ksukY8BvE9M+vPR9Dd2oa"
    "dLgL1+gJGlPN6/1Cx62epnMTWkYGn2Aouz71Nit27XKpuZ/ZSPp9Z1MdWb7tJKNXG2+JnH"
    "g4+Tn06gI60NU8aKSQcnzLCpGNLgU/glzwXB/G395ILhhwrvkWxZtSB98gudabTu+Gk+l4"
    "MJlOe4W1iChSGIeXdLKcZB1Nx8Ps99vat6kFnYW3JH+enf4ePCfBIRhFH/ilP7r8sT96dX"
    "b6HX0gIpsh2Cp34Z1Tdut3NoXmacEkbDkSmHWEnkw4XWp4KYN3jmwr4ENY24j7+3cVcH//"
    "Tog7vUVxT+GM3bk8ymmiWjCOhiQgJ7yjAyhrhuESFimDcYqkHvZRBeJe70gBZlxcI5B4Mh"
    "hnqToH8+mbNxVwJqOEQLN7OYbhQooGPSQLSF+RO55pQwHXyFDm0DZC0tfRh6awb5KLkB9o"
    "DB1rEzK4EvAn17eD8aR/e08fZ2P8m8Xw608G9M4pu7rJXX31PrdO8STg5+vJj4D+Cf41vB"
    "sweBH2Fi57YjJu8q8e/U5EZENTBz1PCY9JeHF0NUIts+rw28oks22x6lnKDq76kaxyhEnp"
    "MqckYMllzlLWsMwtkxC6tMoplSe7xNeOV3JQcnUZMzg7j+ydJd+X/Pfn07fvPrz7ePb+3U"
    "cyhH3R+MqHkgW/vpuQQ5FqiPMnrvJC4Sqi+xm5kCioP8ENA/mafCPN0SEH1FAHfwinOTJw"
    "f492T3Q1eZtd7TlWqdObivx28ouhF8hr/fFl/2rQYwjPNP3pWXONqQBqF87Jm7EkOv4TdD"
    "gC9qeQ/vNPI2hpXmjO4OM9Cuaa0Kk6hHtWfCN3kQV3ROoymCVlIDpKbl6Eim45dIpSWy2z"
    "CYu37FM7f0VziEphhM+mT+JtL47JLb/9xDa34qZ/2ejWB2w08JaaB2b+BpNPEDjwmwdWmu"
    "meAER4UdHgVp3sZWOblE1NeBZVPYbCLddei1oNZ9BJiQWNrZu0aSdL1TnDZf2WB6UZvcRl"
    "OyEz4xV0vC0WOU2ntKJWr3AgzHAVIzG/zFLtz4R4ZK6eEmUJJ0LkjvpSzmd5ZLBXVZuyO0"
    "5Wc2pUwEUM2KJgS6+XC7SRSlJFjqWzGwBDD6A5WEHXNgPn8/fgeWnqSyKRQgzoXjEw9Qv/"
    "urbJkr92ffKI15quE/h+5cm5dU2r5OB2ycHsfwmOHo3vnOxbl9M+gTb9tSQQzpEpv5vI71"
    "Y4NRvj61nbJcc6dKs5mwmi/zZsvDzoC1NyBrOfNc2dbNGPdKnFDBrx7fg8myOX4f8ENzG4"
    "4ckdr014j9KEt7yli/zFMqKYxtNxT3tyfZpn+L+XHtTsa3MO6ujniA/qeHe8fFCPkQ1nyN"
    "iQ4xMBXXNYdBY5OYtnb+lIdZy26zilO0D2SE3TdO5YbcCkZGumJYNvTNA5cE/Pq6BLRomP"
    "0vMCvisN42dEOK+scbRA2EF9v5GgobnpYm8qyzayVJ0TE+tnHJa2BcoZIgXyiyCbeErkHn"
    "PNAfkTIoKa5ggEjDRdDucZIWwK6Ih579f8+2k4vMlYfj9dT3IYP9x+GoxevWXQk0FmINVG"
    "EkgqeHZNZBFOPEVJ7GxMoYKTX97Q1P0w/TcyHciRl8u9GznSDvqwOhzTyRg/S6aRXfYspX"
    "Jrtc2tJWE3KvhhdowM6qYPhq8+kFWC3o543YeTjehcXUXMdNamx4DYEa3reKKjZSrlSNnQ"
    "nkEXL83VjkjdxhN1dVNRsYMMMXaNZfwHmeeSfOzojpqbO0d7fjatYxTdKsHjQXtFbfc7Qj"
    "QJp+kqTGt7R4C+2F2FxtPw0667h0zRUfaztqdwDZ1dxaQv9mANK6WaHCNIKii/uihpEE6L"
    "POjoG+o43VWeTGb7CW66xKGk4gESeH/zkaeJMR06cILIPy8j+z/RRB3Zg2UhEy7/3ZUOmY"
    "ji5I7KXycbMhH9yHzIRBJ3kg2ZSIVF5CMm0tEUu4VMJGYTYcxEVlHnBE8UNHlxFAXHglCt"
    "ag729WWQkHMCFggZLPsGaI4BHOQBghywkLPgl82RoFUxF+2KuVCpPPup0qLryHc8aaDzdB"
    "2MClB5U8r9oGoNqFoDbQN3D7UGmsyYSfkzOBJl1tshFidz7pUqOTTUbh7kdNvaE81rQeSD"
    "swHhUYbBs+ktgQaoGM1LlpGmVyJlu0RKuoBbVFc0dqyt2DKQuxXI2zJbyh4ied3QmFAV32"
    "h8ByX0+rO76PTk3ORYtoTcN02yP+Htbat5cEZUkwFz/0C+ORIgVQ1KMdTdjVdUFgPhqh/J"
    "KleyGESv6GwjZzco0G3FN9smQzVrPEgw258JoWUIV7UgFLZXxo5AvgW4e7i5OZQhIXC3cm"
    "wIsR9WbD5gPt+KloMb0zaJdo/mtBwGoFaVonVAMGYHC0ALjIjdNgasfIKdKyWdZmiUoZYj"
    "pdrQRu5mas9kFKg0jUKVg6ph4qfpQgbTFIVClIPo2p5alGVLQJomUZiK5CwZUeAlh04Ued"
    "WwO6etoUQ7OHN2kqsuke9iyBOswjulkpXOxlR3ylgaxoFXxST/a/5i6QWOFFvTl6YDMdcV"
    "U41KOWDaJXMdtizZodltxnT99vRjBds1GSU0XrN7ORthmNIj49uqzfPSIq/Wnqu+TeA3kR"
    "jWuapvZVa3wT8nGYNbBOir2/4/v8sY3W6Gdz9Ew1MLcHkz/JQDnhz6rreN/TNDqNK122z9"
    "hI6xlYU7IVPr2+b1VdVj9lw9RvkKxYJCd32F/srYctWzlGrV27LqHO4aJ2ZJ1zpRZRZ6Jf"
    "aWQ5dZOEqcVCGBFhUSaKcAq+oIyKHTpMM8xbg5xt0sWxcbeHPnSBUjLzVe/wkD8pLrkPaR"
    "0EBgJeaZdkvHcgy6X0OLM7sdlSanIa+/5Ey9X9M29GSEsv7uy/orDlweOL5dcPIcXRBzbz"
    "LoX/44GJFVg5pOtuejM548XA3uJhcAe74R1vKQthS/r2IozkugKTvx+7wxMyheuYWekCFU"
    "akJb1IQqymHAJCWjC9M0yuXNj24/dJBWBxAtC9aMz/YdAzUT1/WRAVw5VjP9svJDBPI7tw"
    "ZYVQrtISJfY7sCR4xP2xzEQnzWwiGXPUtAIPI5RCuLCugeYiGvYoG+GuGj8+hMArEJg6W2"
    "JiQIzCCgX5h+pCczMD2gLchynbASLlQzWG1ozC1tz0zFzpmGIQsIQfRZwEGsw47pXFBKEz"
    "86T3DlAQw1CxrBHHPkk39nZBD5anPynaG7Il/dA6/CXndoRfc1TTN+nWD263cVw0u+pl5L"
    "pW3sVdtILSZf6eDDmyNTCb85baKY8Bu8TjIYJxRtVue2BLiRXjKHSEttmcVMJaa2FEjlbB"
    "ZD3V17QosSU1vGqI5kkStF7iirUZMcU2X7KgNSe2wdkgYklUbdkTRq1umCY0iKOmCIjUhx"
    "m40q9iM6+AQglxl9osydGST4An9lIc2ABs96VJWsii0GPTuxOY/sSM/HPTLma/T5JCObKH"
    "PNXs01T5DDR8QmhHB458wz9WeuqJyrVDm28yqmmfPzknJs54XGyr5LpO6tAxtS5G1GvDcZ"
    "3N7fEJWEBjcE0XqPzvV4eEHYMXp0+pNJ//LHWxbqoHmepi/t1kQ7JNx9m/VJqPeYvBWcbB"
    "Q0yVV6uL8Z9q+u7364APEcj85o0L/63wvmQtm0Y03I4zyyQQIwJZhTnm6Pa0LEIMvUmSvo"
    "L0j3oPdn8jSo2ZJLtCXrentadrwm6aIfStJFPxTeDPP/IBFK+fG75kIo02TpuqTi//X09O"
    "zsw+mbs/cfz999+HD+8U0s5xRvla3Ip+sfqMyTWYuiIQAvtdPz91Kuk5iie9VS63dNzZFr"
    "8wyUJe6/mKJ7+NbPxtem6/maNd2WkfDpO2TV2jM/Ua4Y8YIoV4xyxbR0kSu5YtLGq4q2pz"
    "RJl6S0pnwFDK/9WbPbhm5Vc3Z6W2Us2SOyyUfXl5MyS/YhkwfbyZ1q62MZaPxiNKs3snyI"
    "Z+oQohIukfD3c5wiCTJit0iwDhUdIz+iZ6AxLwfQkQ0xTXlbmVCHmH4rmmkHDaAvfeeJ3a"
    "L9ZpBrQJf5RF55Pv6OeUa0uQddFgeLqPuj6Elp8Dmqylq7XCke8kKdSk4by9J1SWDYtxpG"
    "XyPBAoiDOzJEHdKBawubIdoK1KmSKm8245B2z75Tv/3MJeeDuWaRC9K2nSJtZ0Jn98xO6K"
    "Etp/ilKFQl+DrrFM9NXgq7ZJ3iKLDmqBahqnKY2npN1ymONT+OnJ7WCsWSekYFrRLEdO+i"
    "bzb6FvvAg4ikqEQFeIWIvGzOwcqfWaZ+AuAaupvw5nfA1ja0ugUvyqm2eeVS0k6SOCglou"
    "9TRFdBOc0WQlbleg9XrvfYgm1W0Nkm1OZ+cBcE2oT0j86X/s31VX/CLq41yyRvP7t+fXs/"
    "HAWXTXuFXK8QlEPG3DFqMsJhpI/OYDQaji4AdF3k5k+Mw3h7EZaO10mR7HFFmWmqqTeq6X"
    "hNE0+DY56jbr1QLDeh22Ox3PjK0VbLDb/2dJuOUFxa1QVWBPE27aG4tHuE+M3puyNDeYt2"
    "UUXKfSJ8JPhivKQp9a6s9J6n64Bc2fQpSCHTIRGV5jTmlmt7LDsMeeTqTJQ4E32fp/c/PF"
    "xf8QGPxudAppdfU6rjs62X4Bxs50B0Tof5sB+a28f2zCRCMB/OEo6RJeuer+KsinZyJtZO"
    "zgraiSPZ+yga3z1s6/cDrW0pK2A0XDkxOTKERyBfyIkPCYnarBXqUREgqadXBHS54FAgVn"
    "1nJDTp4+hTezT6xuHys9rGMw7jeFfpQ81m5qr0t2bFttAJwXOC/WM8vBNIbxmqfFKIqXvg"
    "v8Ay8RFykRJ8KRzlzrC83+skq/vRCfLOMJWOJd763U3HUm3YurbqnPysQicjVSmv14AErJ"
    "LeGtAqyK7T4VQ+qrRI2CHVQtUfPHTkqLj+YJJXWOANNQCrsjUF3KEGbCuGOreMJVSFtsgQ"
    "d0iHVU0i99UGkQDFiRgP4BPHiofr83KU+NCBwNb0pUn+R3OWNcnewWLcd+lI2YKWwb5jys"
    "MvtKhlhp3mb6qo70NEfR/Aqd4ugOvxqavg+cRmeFbFZngmthmeqch5FTm/LfTMSrlF6Pzl"
    "aBCGyUcz0E6pw/v7wRXtlIpWK2g8OqOHuzs2yPUdh4257z+M6ZCV5mOYC5F/dK4GN4NgVn"
    "baMYrb6/GYXbJNjKNvenC/xzaBxgcKMG79aZuS47aILT5QTPERoXokLv0jQpS8w9BdQ16h"
    "nrLIlDSZikmpHpOi4gK7GRfYAU1RhQm/tGXrDxO2NZ169Qg3FcjaAkEhS9Y9pN9Wqi9eUl"
    "68UF3cXEWI8QRdcfxJnm6nCJTtFJu/zX1Hp3iCmW9aRJXAr+nz/n4AXbORwBSiLbrbhShk"
    "KVXF2PZEJBQDUdAskBi3WOYcqVrnNq+zCjMTn3HHGXCkwsz+iKteJcws5ciTXPUspeLo7V"
    "lkDkc/SDBhyxZUxRK2H9OoXp0crDkqtVlVZ4KDxLrtPzazZbu2qdBML1V9c0dou9feIQ9u"
    "jhtK94ZOtSJdw6mFFhzHkkQY4f0a3qDFjekco+QvjCfM1BFfQzp8J5S+2IM1PEoRoBJE9C"
    "6ydm3NchnMMoYYh+O6gpVUeGq2qpGm61zfg3yXljFe9uPJusEbZRu1/OBD7N2x9iU9Tkxv"
    "+vZJWXDvgg6cBn1QKheDDobTyN0vtzfa7E8YuJqzSLrUe9oTdFj/lGcNg5WLbBPzm9zvMN"
    "MOzVf26b1tVxyqCvRtbaBvQQkSCz5N5ggkvJXDVjKMV8xUstz+ZY7yM33bGQMATw56xlFO"
    "QJgiQLjCePwjYI4ZTjKBNPVOnENO4Y/HK97xMu8gSzR9gpsivOLo6zRNF0IT9h17vSR8SB"
    "bzNI3CfHvMpyvTcbbyaPBnUJ6Ntnk2djrS04dOcYNIdt6plCLZruOmqhUpPmKb7roz9uCK"
    "KxTR66XykKfhpykmw2TkIaL9UHHGicQZSh99phNegGfX9DzogBmcI5dMM4PeM4S0haURtK"
    "sUyEp1zcyRo76y30pvMpB+qSpXqazLBgQqwsJMfjrb2NYsS4hvmq5Lzr+z0w/vY4zpH2Xw"
    "jm/7NzecoHqVghkFzr6r0r7onbh70btC86LjywSUB7tHBInRJMj3YxGlj84VETkugEHY76"
    "PzuX99Q2/ONdOi9x7uroYsj893DMQy++gVOp5eoBTjycPlT3Q2X3/K8/tK8c+1Z/mpxJPm"
    "Ek/8lVyiRDS+e9ievnlTAVwySoguu5eDl7xUU2mM00QK6EpAYzNk4RVlvni8ipnhBHj53s"
    "rnWBHEqSYJhSpzun02SdyirqrpLCboApc4QJ2ItuTutE4wP8647yrR/nPTMfFyq2XPkSr7"
    "aNvso5nIOWojkwumTSi6ZKVoKpI2MsztGpYYTnNk4FaOSUw2VQV78t688gx1ju05Wo1y27"
    "NE/b6VCXVWk+8ZuU8XQANr6M4AcsgncoguoMeCcbwlGam50PHoUPKtN/wafzvNVqUOYGLz"
    "cX0nLvIXzB3sXIYF+5OsKrsbPCr+M0oFnG3CdU/lBqoygXs1WD+RnyWjeEfj22zvU8bVrc"
    "Gur0F5saLa+OHycjC4YnZYX9chNKi1NW99vezfXQ5u2CWdwmJZQRmiw9tYCRPTeHVzxSp/"
    "QtGOuhL0sZ2pK5E7caoysBxZB/lY/Ts/Oc1lVIUUjVIWOCZEC+kc7UC8c6PxtRiyDivUNN"
    "zQ2dIcuTJAMUE7+HSn6v+sXBO5pseJd3whJCJFtz/+cd4s86gjHkLzaBYfL6lMiGWaRLW+"
    "LBRzJdxoC1DzZJ3ZpLUBO4dyHsd4vNqjeSipNYeXlS8WFxKKLni+mg7ysKCG4dR3PNOS9X"
    "nkSJXPo80+j9BmKbnECVUHPZldWl7feTZjA1Z2hUsLXmfo9ljxOr5ytCWvAyPd1IW/0bTm"
    "7SoD8qdQjLTNb9rKRQt+YeOX1LqErjNiXh1qHQ5zWqrKd9H47kl39TtiBFFjYoOQKGpMxe"
    "pJWH7ILfr9JWBPKBTuqhW8itqTidprUazm8bx/bVrkSmKXis38Y6yzqsrbgBG1EHdWFdg8"
    "nQK3CG4S41cd2AyNAvXFgOIAryLATYUUtwzdqhHFmW3Fjynms4UakK1Y9fhIkS1wQkEFWV"
    "X5uNbKx3KleeOyJzkDuEQ11ajAypGpdyKks/txaVoGYRC7IdQtDipXZFYyk+LnwBPNyaX4"
    "OfZRi7MpAj925UKpKxfRKohBOVPXdzCrr4NPwGwDTA8DWoTH0rAHMOE9NPnBMueQVyd1+4"
    "l2KHYolwW/Q/p7y7IcGvHui7MeaDU3GaCj8V2MFj6tYm0no8TxwqcFezu3moNYC1BBwkKt"
    "ak1YH7eelHizpkg6uF/rjxameTZSKQQxwR7zcsIsmt5+eELtGQTkcbrvEqFL5+hYJQatDJ"
    "ViELxuzu0x+7cN6i7Zg6mkOcUQbhO9lqdVS926pS7Y/A6T8x70meEoanEDGrGelnS6eVlN"
    "GyObqEZkQcFSw0Bf0gYUxvfgmcjZkChXrPMEUZ0cWrDPMTCYQWwa9E5RUdttqioJ7+S3OF"
    "hjKTqhbYbmsUupcJ/MxR8lU/2vp6dnZx9O35y9/3j+7sOH849v4hOueKvsqPt0/QM97TKv"
    "4cv57MXFqr4SRdrOBKjtZVVSqyBMyn057f0YMnN7X24vwNp+dCb98U8XIKrzIitnV9G8xX"
    "p3QetGs39DXdIDl6FRAnZLWrm2zGqs/PDHBK6KHGnID38YmTzVI5MjmGc7aIql87Bd59Qy"
    "w0z3arWp6HDq26D1ogg5/aiBexd9s9E3dux9H/9lehhaczBHtO4Dk7lt8GxS0RwY2gbTql"
    "NLus34ZauaehC3YUJUOJg+tNAw4WvS3kKVo9p3OSpVkrDu42Cv1ctbB2bzVbWtkPVW3K7R"
    "cLVXOXtV3rSpDJotNWhmc+vXkJNVX80cEBO3mSGRvfx5eAFMZ44enZ/7o6DyHZH9gsp3g9"
    "FoOLoAcVLZge0ENsSYyJrFFRFXUU+RtHkdanm9miikfuAmph04J0qionnN+qSDS7dr19eO"
    "bVxrw769KbZfbKG7Kbp1UqbSkh8l43OiWmbgKGIRfdRbtCSTkwU3gIeIthk2L+brp5Upq3"
    "iU4uWIqukqRXPfiqYSNTspaorLWb8saR5DaWvaym4yYI3sPPjoXA7vxsObwXR4P7hjFZPJ"
    "yiILThFjTsl9IpGM0/d1C+G2lFU+Nu2gR6X8ntIPlH5Qb6MlYaV4cRDqDtXh2+avaTr+dO"
    "UT7FxeVWCxUyxNo5xinNBTSB5gcCD9bCFN1FQwoclBOqdExwdqCWJXw4dPNwNwPxpcXo+v"
    "w0IvsbjEbtJLSXW10aB/kzffY9nggxSF2rSchApliVGWmNZaYvKvfg1wdjshPcXtpDOmmz"
    "RuXQaa1pjIxcEvL9i4ciNOykxdkd6Gg8ESFq+QEsxdZAdpq0Q1ZKYsxP6EjsE3eFUllLJ3"
    "BXpn3DQs6kKeu5xeU6bIqr5ge7ePqYbyzdUaX7nIQzoSGD34+KZpOqFhN2vBkNy99i679w"
    "+FbFgVQXLr6vyCv13At372kJx5BZDLPRQZQuWoaLWjYstUTpXFeSwLnMi0kkucIVRFOtu8"
    "xlDQakJ8FkJRk4kOCMoNWO2X5FEy8MYETQkaXeqS6BI0njVrutTwUgbkPF3X+lHWL9FFiO"
    "EVLUu5RfshDr06Gdp8MixoJ5spNWSxKxJvV5GyeydFA+3b0MLkJ/yX9dNNaLqHcf3nhXJF"
    "Kldky9BUrkjlimwNni+7IgsnVg2Y9n1vmfIhdhPa9FHdKjfvtQHtFfJohUKyZD2Omzc34q"
    "TMzWsmY6dPcCPh5iWjaco8Ih/pNjwBC4QMmiIPNJoU/z34NYgX/BWYmP0G8Lw0LcjS7eem"
    "iz2gOfgZuvS2rRmCJIhGnsLP0A85BXliIUFfOYL36Qh+gpyKnWKhOhzeQUdPI4WSw56nW9"
    "hgsnQdxLt+JVEUZF3esFQYaH3MOkwdDUtnyOCwBnGOQDS+C7r2vvMDVEtH8Y7ubkvH/Vtc"
    "Wre4zRoJ9qvXtg3cXRXbA+eP933D9AaO53L1rtTdkzKdS6PjppAMNGUKo5EBJ7TSGGK54V"
    "pQZ9iFc4KV8T1w4BpSpQhDwn6p1mPEl+gpyNeudp+ySixu6jzIB9vmb3karbAWbHYGGfuz"
    "OFZKIVOlkOm9fZRCVjKDkhmUl2b3AnpbOHF3dt9u9cL0ek1B2rBiHtRclwE4oVCWjwoA0x"
    "YJSMo5nlB0EOCaY+JzclJViHNkneMT9ccDZiTQiqdbhkadb5yim4bhSmZ0pEg6t2ubiP4L"
    "bPVy0UlZKgVzBZgx/b5ciF8uJJRQt/m8640fLi8H4/EFwL5Ok6oendHg8wOr7RRaCh6dz/"
    "3rG3phrplWW4o8HcT10johpD7fiy6Z4KjvPcFxT3yk/jBHA3rkxeHs1X+Mh3d8dFMkeWOJ"
    "qXvgv8AycWMbtve3ue8wdQjMfNPyTAe/po/9e1MLUAI4hajc95V3c51kDSB0gk/t6b3Rh6"
    "6pL3s883Jw56TUtJyMecmmLAa/5mbifxTba2PxMKohc76rwvl5BRZMRom7KtB7OaWEvFQS"
    "CIfDO4ju20o9K96W9Kx4W+xZQZ7oheWVqx5xKZL9H3GHCeToxmH2+/8DVzcSKw=="
)
