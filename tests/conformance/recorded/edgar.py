"""Recorded cases of the `edgar` provider, typed by hand in the shape of the SEC's own answers.

Numbers of Snowflake are those that it filed; the list of filings is shortened to a few.
"""

import json
from datetime import date
from typing import Any

from fondaco.adapters.providers.conformance.case import Recorded
from fondaco.adapters.providers.edgar import Edgar
from fondaco.market.ports import Ask

AGENT = {"FONDACO_SEC_AGENT": "Antonio Moretti antonio@rialto.example"}
TICKERS = {
    "0": {"cik_str": 320193, "ticker": "AAPL", "title": "Apple Inc."},
    "1": {"cik_str": 1640147, "ticker": "SNOW", "title": "Snowflake Inc."},
    "2": {"cik_str": 933972, "ticker": "SCWO", "title": "374Water Inc."},
}


def fact(value: int, filed: str, accn: str, **more: Any) -> dict[str, Any]:
    """Return one number of one report."""
    return {"val": value, "accn": accn, "form": "10-Q", "filed": filed, **more}


FACTS = {
    "cik": 1640147,
    "entityName": "SNOWFLAKE INC.",
    "facts": {
        "dei": {
            "EntityCommonStockSharesOutstanding": {
                "label": "Entity Common Stock, Shares Outstanding",
                "description": "Number of shares outstanding.",
                "units": {
                    "shares": [
                        fact(
                            288700000,
                            "2021-03-31",
                            "0001640147-21-000073",
                            end="2021-03-01",
                            fy=2021,
                            fp="FY",
                            frame="CY2021Q1I",
                        ),
                        fact(
                            296100000,
                            "2021-06-04",
                            "0001640147-21-000122",
                            end="2021-05-14",
                            fy=2022,
                            fp="Q1",
                        ),
                    ]
                },
            }
        },
        "us-gaap": {
            "RevenueFromContractWithCustomerExcludingAssessedTax": {
                "label": "Revenue",
                "description": "Revenue from contracts with customers.",
                "units": {
                    "USD": [
                        fact(
                            108815000,
                            "2021-06-04",
                            "0001640147-21-000122",
                            start="2020-02-01",
                            end="2020-04-30",
                            fy=2022,
                            fp="Q1",
                        ),
                        fact(
                            228914000,
                            "2021-06-04",
                            "0001640147-21-000122",
                            start="2021-02-01",
                            end="2021-04-30",
                            fy=2022,
                            fp="Q1",
                        ),
                        fact(
                            228914000,
                            "2022-06-01",
                            "0001640147-22-000057",
                            start="2021-02-01",
                            end="2021-04-30",
                            fy=2023,
                            fp="Q1",
                            frame="CY2021Q1",
                        ),
                    ]
                },
            }
        },
    },
}


def columns(*filings: tuple[str, str, str, str, str, str, str]) -> dict[str, list[Any]]:
    """Return filings as columns: number, filed, period, accepted, form, document, words."""
    names = (
        "accessionNumber",
        "filingDate",
        "reportDate",
        "acceptanceDateTime",
        "form",
        "primaryDocument",
        "primaryDocDescription",
    )
    table = {
        name: list(cells) for name, cells in zip(names, zip(*filings, strict=True), strict=True)
    }
    return table | {"size": [1] * len(filings), "isXBRL": [0] * len(filings)}


RECENT = columns(
    (
        "0001640147-22-000119",
        "2022-12-14",
        "2022-12-13",
        "2022-12-14T23:05:11.000Z",
        "4",
        "xslF345X03/form4.xml",
        "FORM 4",
    ),
    (
        "0001640147-22-000104",
        "2022-12-01",
        "2022-10-31",
        "2022-12-01T21:25:33.000Z",
        "10-Q",
        "snow-20221031.htm",
        "10-Q",
    ),
    (
        "0001640147-22-000100",
        "2022-11-30",
        "2022-11-30",
        "2022-11-30T21:05:41.000Z",
        "8-K",
        "snow-20221130.htm",
        "8-K",
    ),
)
OLDER = columns(
    (
        "0001193125-20-250847",
        "2020-09-18",
        "",
        "2020-09-18T20:31:07.000Z",
        "424B4",
        "d933582d424b4.htm",
        "424B4",
    ),
    (
        "0001193125-20-245117",
        "2020-09-14",
        "",
        "2020-09-14T10:03:55.000Z",
        "S-1/A",
        "d933582ds1a.htm",
        "S-1/A",
    ),
)
SUBMISSIONS = {
    "cik": "1640147",
    "entityType": "operating",
    "sic": "7372",
    "name": "Snowflake Inc.",
    "tickers": ["SNOW"],
    "exchanges": ["NYSE"],
    "filings": {
        "recent": RECENT,
        "files": [
            {
                "name": "CIK0001640147-submissions-001.json",
                "filingCount": 2,
                "filingFrom": "2020-09-14",
                "filingTo": "2020-09-18",
            }
        ],
    },
}


def transaction(code: str, shares: str, price: str, side: str, after: str) -> str:
    """Return one transaction of Form 4."""
    return f"""
    <nonDerivativeTransaction>
      <securityTitle><value>Class A Common Stock</value></securityTitle>
      <transactionDate><value>2022-12-13</value></transactionDate>
      <transactionCoding>
        <transactionFormType>4</transactionFormType>
        <transactionCode>{code}</transactionCode>
        <equitySwapInvolved>0</equitySwapInvolved>
      </transactionCoding>
      <transactionAmounts>
        <transactionShares><value>{shares}</value></transactionShares>
        <transactionPricePerShare><value>{price}</value></transactionPricePerShare>
        <transactionAcquiredDisposedCode><value>{side}</value></transactionAcquiredDisposedCode>
      </transactionAmounts>
      <postTransactionAmounts>
        <sharesOwnedFollowingTransaction><value>{after}</value></sharesOwnedFollowingTransaction>
      </postTransactionAmounts>
      <ownershipNature><directOrIndirectOwnership><value>D</value></directOrIndirectOwnership>
      </ownershipNature>
    </nonDerivativeTransaction>"""


FORM4 = f"""<?xml version="1.0"?>
<ownershipDocument>
  <schemaVersion>X0306</schemaVersion>
  <documentType>4</documentType>
  <periodOfReport>2022-12-13</periodOfReport>
  <notSubjectToSection16>0</notSubjectToSection16>
  <issuer>
    <issuerCik>0001640147</issuerCik>
    <issuerName>Snowflake Inc.</issuerName>
    <issuerTradingSymbol>SNOW</issuerTradingSymbol>
  </issuer>
  <reportingOwner>
    <reportingOwnerId>
      <rptOwnerCik>0001402349</rptOwnerCik>
      <rptOwnerName>Scarpelli Michael</rptOwnerName>
    </reportingOwnerId>
    <reportingOwnerRelationship>
      <isDirector>0</isDirector>
      <isOfficer>1</isOfficer>
      <isTenPercentOwner>0</isTenPercentOwner>
      <isOther>0</isOther>
      <officerTitle>Chief Financial Officer</officerTitle>
    </reportingOwnerRelationship>
  </reportingOwner>
  <nonDerivativeTable>{transaction("M", "200000", "8.88", "A", "301097")}\
{transaction("S", "73170", "150.841", "D", "227927")}
  </nonDerivativeTable>
  <remarks/>
  <ownerSignature>
    <signatureName>/s/ Travis Shrout, Attorney-in-Fact</signatureName>
    <signatureDate>2022-12-14</signatureDate>
  </ownerSignature>
</ownershipDocument>
"""


def dumped(data: Any) -> bytes:
    """Return an answer as the SEC writes it."""
    return json.dumps(data).encode()


LIST = {
    "files/company_tickers.json": dumped(TICKERS),
    "submissions/CIK0001640147.json": dumped(SUBMISSIONS),
    "submissions/CIK0001640147-submissions-001.json": dumped(OLDER),
}
RECORDED = (
    Recorded(
        "fundamentals",
        Edgar,
        Ask(kind="fundamentals", symbols=("SNOW",)),
        {
            "files/company_tickers.json": dumped(TICKERS),
            "companyfacts/CIK0001640147.json": dumped(FACTS),
        },
        rows=5,
        secrets=AGENT,
    ),
    Recorded(
        "filings",
        Edgar,
        Ask(kind="filings", symbols=("SNOW",)),
        LIST,
        rows=5,
        secrets=AGENT,
    ),
    Recorded(
        "deals",
        Edgar,
        Ask(kind="deals", symbols=("SNOW",), since=date(2022, 12, 1), until=date(2022, 12, 31)),
        LIST | {"000164014722000119/form4.xml": FORM4.encode()},
        rows=2,
        secrets=AGENT,
        json=False,
    ),
)
