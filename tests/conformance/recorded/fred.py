"""Answers in the documented shape of FRED, typed by hand.

Source of the shapes: https://fred.stlouisfed.org/docs/api/fred/ (series, series_vintagedates,
series_observations, releases_dates). GDP of 2014 Q1 and its first two revisions are those that
were published; the second quarter, the paged yields and the days of releases are made up.
"""

from datetime import date

from fondaco.adapters.providers.conformance.case import Recorded
from fondaco.adapters.providers.fred import Fred
from fondaco.market.ports import Ask

GDP = b"""{"realtime_start": "2014-08-01", "realtime_end": "2014-08-01", "seriess": [
{"id": "GDP", "realtime_start": "2014-08-01", "realtime_end": "2014-08-01",
"title": "Gross Domestic Product", "observation_start": "1947-01-01",
"observation_end": "2014-04-01", "frequency": "Quarterly", "frequency_short": "Q",
"units": "Billions of Dollars", "units_short": "Bil. of $",
"seasonal_adjustment": "Seasonally Adjusted Annual Rate", "seasonal_adjustment_short": "SAAR",
"last_updated": "2014-07-30 07:51:02-05", "popularity": 93, "notes": "BEA Account Code: A191RC1"}
]}"""
GDP_VINTAGES = b"""{"realtime_start": "1776-07-04", "realtime_end": "9999-12-31",
"order_by": "vintage_date", "sort_order": "asc", "count": 4, "offset": 0, "limit": 10000,
"vintage_dates": ["2014-04-30", "2014-05-29", "2014-06-25", "2014-07-30"]}"""
GDP_REVISED = b"""{"realtime_start": "2014-04-30", "realtime_end": "2014-07-30",
"observation_start": "2014-01-01", "observation_end": "2014-06-30", "units": "lin",
"output_type": 1, "file_type": "json", "order_by": "observation_date", "sort_order": "asc",
"count": 4, "offset": 0, "limit": 100000, "observations": [
{"realtime_start": "2014-04-30", "realtime_end": "2014-05-28", "date": "2014-01-01",
 "value": "17149.6"},
{"realtime_start": "2014-05-29", "realtime_end": "2014-06-24", "date": "2014-01-01",
 "value": "17101.3"},
{"realtime_start": "2014-06-25", "realtime_end": "2014-07-29", "date": "2014-01-01",
 "value": "17016.0"},
{"realtime_start": "2014-07-30", "realtime_end": "2014-07-30", "date": "2014-04-01",
 "value": "17294.7"}
]}"""
DGS10 = b"""{"realtime_start": "2022-12-27", "realtime_end": "2022-12-27", "seriess": [
{"id": "DGS10", "realtime_start": "2022-12-27", "realtime_end": "2022-12-27",
"title": "Market Yield on U.S. Treasury Securities at 10-Year Constant Maturity",
"observation_start": "1962-01-02", "observation_end": "2022-12-23", "frequency": "Daily",
"frequency_short": "D", "units": "Percent", "units_short": "%",
"seasonal_adjustment": "Not Seasonally Adjusted", "seasonal_adjustment_short": "NSA",
"last_updated": "2022-12-27 15:18:02-06", "popularity": 95}]}"""
DGS10_LATEST = b"""{"realtime_start": "2022-12-27", "realtime_end": "2022-12-27",
"observation_start": "2022-12-22", "observation_end": "2022-12-26", "units": "lin",
"output_type": 1, "file_type": "json", "order_by": "observation_date", "sort_order": "asc",
"count": 3, "offset": 0, "limit": 100000, "observations": [
{"realtime_start": "2022-12-27", "realtime_end": "2022-12-27", "date": "2022-12-22",
 "value": "3.67"},
{"realtime_start": "2022-12-27", "realtime_end": "2022-12-27", "date": "2022-12-23",
 "value": "3.75"},
{"realtime_start": "2022-12-27", "realtime_end": "2022-12-27", "date": "2022-12-26", "value": "."}
]}"""
RELEASES = b"""{"realtime_start": "2026-11-23", "realtime_end": "2026-12-11",
"order_by": "release_date", "sort_order": "asc", "count": 3, "offset": 0, "limit": 1000,
"release_dates": [
{"release_id": 53, "release_name": "Gross Domestic Product", "date": "2026-11-25"},
{"release_id": 50, "release_name": "Employment Situation", "date": "2026-12-04"},
{"release_id": 10, "release_name": "Consumer Price Index", "date": "2026-12-10"}
]}"""

SECRETS = {"FONDACO_FRED_KEY": "0123456789abcdef0123456789abcdef"}

RECORDED = (
    Recorded(
        "vintages",
        Fred,
        Ask(date(2014, 1, 1), date(2014, 6, 30), {"vintage": "true"}, "macro", ("GDP",)),
        {
            "/fred/series": GDP,
            "/fred/series/vintagedates": GDP_VINTAGES,
            "/fred/series/observations": GDP_REVISED,
        },
        4,
        SECRETS,
    ),
    Recorded(
        "latest",
        Fred,
        Ask(date(2022, 12, 22), date(2022, 12, 26), None, "macro", ("DGS10",)),
        {"/fred/series": DGS10, "/fred/series/observations": DGS10_LATEST},
        2,
        SECRETS,
    ),
    Recorded(
        "releases",
        Fred,
        Ask(date(2026, 11, 23), date(2026, 12, 11), None, "events"),
        {"/fred/releases/dates": RELEASES},
        3,
        SECRETS,
    ),
)
