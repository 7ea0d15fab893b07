/* src/base/country.c
 *
 * ISO 3166-1 codes, and names as IdPs and their address databases write them: short, official and former ones. Kosovo
 * is XK, as everybody writes it although ISO assigns no code; parts of the United Kingdom are GB.
 *
 * Names are held against the table in a plain form: lower-case words of ASCII letters with one blank between, without
 * "the", "saint" as "st", '&' as "and". So one entry serves "The Bahamas" and "Bahamas, the", "St. Lucia" and "SAINT
 * LUCIA". */

#include "base/country.h"

#include <stdlib.h>

/* The longest name has 52 letters; what is longer in plain form is no country, and nor is what is so much longer as it is
 * written, with articles, blanks and accents. */
enum { PLAIN_SIZE = 64, WRITTEN_MAX = 256 };

struct name {
    const char *text;
    char code[3];
};

/* clang-format off */
static const char alpha2[][3] = {
    "AD", "AE", "AF", "AG", "AI", "AL", "AM", "AO", "AQ", "AR", "AS", "AT", "AU", "AW", "AX", "AZ", "BA", "BB", "BD",
    "BE", "BF", "BG", "BH", "BI", "BJ", "BL", "BM", "BN", "BO", "BQ", "BR", "BS", "BT", "BV", "BW", "BY", "BZ", "CA",
    "CC", "CD", "CF", "CG", "CH", "CI", "CK", "CL", "CM", "CN", "CO", "CR", "CU", "CV", "CW", "CX", "CY", "CZ", "DE",
    "DJ", "DK", "DM", "DO", "DZ", "EC", "EE", "EG", "EH", "ER", "ES", "ET", "FI", "FJ", "FK", "FM", "FO", "FR", "GA",
    "GB", "GD", "GE", "GF", "GG", "GH", "GI", "GL", "GM", "GN", "GP", "GQ", "GR", "GS", "GT", "GU", "GW", "GY", "HK",
    "HM", "HN", "HR", "HT", "HU", "ID", "IE", "IL", "IM", "IN", "IO", "IQ", "IR", "IS", "IT", "JE", "JM", "JO", "JP",
    "KE", "KG", "KH", "KI", "KM", "KN", "KP", "KR", "KW", "KY", "KZ", "LA", "LB", "LC", "LI", "LK", "LR", "LS", "LT",
    "LU", "LV", "LY", "MA", "MC", "MD", "ME", "MF", "MG", "MH", "MK", "ML", "MM", "MN", "MO", "MP", "MQ", "MR", "MS",
    "MT", "MU", "MV", "MW", "MX", "MY", "MZ", "NA", "NC", "NE", "NF", "NG", "NI", "NL", "NO", "NP", "NR", "NU", "NZ",
    "OM", "PA", "PE", "PF", "PG", "PH", "PK", "PL", "PM", "PN", "PR", "PS", "PT", "PW", "PY", "QA", "RE", "RO", "RS",
    "RU", "RW", "SA", "SB", "SC", "SD", "SE", "SG", "SH", "SI", "SJ", "SK", "SL", "SM", "SN", "SO", "SR", "SS", "ST",
    "SV", "SX", "SY", "SZ", "TC", "TD", "TF", "TG", "TH", "TJ", "TK", "TL", "TM", "TN", "TO", "TR", "TT", "TV", "TW",
    "TZ", "UA", "UG", "UM", "US", "UY", "UZ", "VA", "VC", "VE", "VG", "VI", "VN", "VU", "WF", "WS", "XK", "YE", "YT",
    "ZA", "ZM", "ZW",
};

static const struct name alpha3[] = {
    {"ABW", "AW"}, {"AFG", "AF"}, {"AGO", "AO"}, {"AIA", "AI"}, {"ALA", "AX"}, {"ALB", "AL"}, {"AND", "AD"},
    {"ARE", "AE"}, {"ARG", "AR"}, {"ARM", "AM"}, {"ASM", "AS"}, {"ATA", "AQ"}, {"ATF", "TF"}, {"ATG", "AG"},
    {"AUS", "AU"}, {"AUT", "AT"}, {"AZE", "AZ"}, {"BDI", "BI"}, {"BEL", "BE"}, {"BEN", "BJ"}, {"BES", "BQ"},
    {"BFA", "BF"}, {"BGD", "BD"}, {"BGR", "BG"}, {"BHR", "BH"}, {"BHS", "BS"}, {"BIH", "BA"}, {"BLM", "BL"},
    {"BLR", "BY"}, {"BLZ", "BZ"}, {"BMU", "BM"}, {"BOL", "BO"}, {"BRA", "BR"}, {"BRB", "BB"}, {"BRN", "BN"},
    {"BTN", "BT"}, {"BVT", "BV"}, {"BWA", "BW"}, {"CAF", "CF"}, {"CAN", "CA"}, {"CCK", "CC"}, {"CHE", "CH"},
    {"CHL", "CL"}, {"CHN", "CN"}, {"CIV", "CI"}, {"CMR", "CM"}, {"COD", "CD"}, {"COG", "CG"}, {"COK", "CK"},
    {"COL", "CO"}, {"COM", "KM"}, {"CPV", "CV"}, {"CRI", "CR"}, {"CUB", "CU"}, {"CUW", "CW"}, {"CXR", "CX"},
    {"CYM", "KY"}, {"CYP", "CY"}, {"CZE", "CZ"}, {"DEU", "DE"}, {"DJI", "DJ"}, {"DMA", "DM"}, {"DNK", "DK"},
    {"DOM", "DO"}, {"DZA", "DZ"}, {"ECU", "EC"}, {"EGY", "EG"}, {"ERI", "ER"}, {"ESH", "EH"}, {"ESP", "ES"},
    {"EST", "EE"}, {"ETH", "ET"}, {"FIN", "FI"}, {"FJI", "FJ"}, {"FLK", "FK"}, {"FRA", "FR"}, {"FRO", "FO"},
    {"FSM", "FM"}, {"GAB", "GA"}, {"GBR", "GB"}, {"GEO", "GE"}, {"GGY", "GG"}, {"GHA", "GH"}, {"GIB", "GI"},
    {"GIN", "GN"}, {"GLP", "GP"}, {"GMB", "GM"}, {"GNB", "GW"}, {"GNQ", "GQ"}, {"GRC", "GR"}, {"GRD", "GD"},
    {"GRL", "GL"}, {"GTM", "GT"}, {"GUF", "GF"}, {"GUM", "GU"}, {"GUY", "GY"}, {"HKG", "HK"}, {"HMD", "HM"},
    {"HND", "HN"}, {"HRV", "HR"}, {"HTI", "HT"}, {"HUN", "HU"}, {"IDN", "ID"}, {"IMN", "IM"}, {"IND", "IN"},
    {"IOT", "IO"}, {"IRL", "IE"}, {"IRN", "IR"}, {"IRQ", "IQ"}, {"ISL", "IS"}, {"ISR", "IL"}, {"ITA", "IT"},
    {"JAM", "JM"}, {"JEY", "JE"}, {"JOR", "JO"}, {"JPN", "JP"}, {"KAZ", "KZ"}, {"KEN", "KE"}, {"KGZ", "KG"},
    {"KHM", "KH"}, {"KIR", "KI"}, {"KNA", "KN"}, {"KOR", "KR"}, {"KWT", "KW"}, {"LAO", "LA"}, {"LBN", "LB"},
    {"LBR", "LR"}, {"LBY", "LY"}, {"LCA", "LC"}, {"LIE", "LI"}, {"LKA", "LK"}, {"LSO", "LS"}, {"LTU", "LT"},
    {"LUX", "LU"}, {"LVA", "LV"}, {"MAC", "MO"}, {"MAF", "MF"}, {"MAR", "MA"}, {"MCO", "MC"}, {"MDA", "MD"},
    {"MDG", "MG"}, {"MDV", "MV"}, {"MEX", "MX"}, {"MHL", "MH"}, {"MKD", "MK"}, {"MLI", "ML"}, {"MLT", "MT"},
    {"MMR", "MM"}, {"MNE", "ME"}, {"MNG", "MN"}, {"MNP", "MP"}, {"MOZ", "MZ"}, {"MRT", "MR"}, {"MSR", "MS"},
    {"MTQ", "MQ"}, {"MUS", "MU"}, {"MWI", "MW"}, {"MYS", "MY"}, {"MYT", "YT"}, {"NAM", "NA"}, {"NCL", "NC"},
    {"NER", "NE"}, {"NFK", "NF"}, {"NGA", "NG"}, {"NIC", "NI"}, {"NIU", "NU"}, {"NLD", "NL"}, {"NOR", "NO"},
    {"NPL", "NP"}, {"NRU", "NR"}, {"NZL", "NZ"}, {"OMN", "OM"}, {"PAK", "PK"}, {"PAN", "PA"}, {"PCN", "PN"},
    {"PER", "PE"}, {"PHL", "PH"}, {"PLW", "PW"}, {"PNG", "PG"}, {"POL", "PL"}, {"PRI", "PR"}, {"PRK", "KP"},
    {"PRT", "PT"}, {"PRY", "PY"}, {"PSE", "PS"}, {"PYF", "PF"}, {"QAT", "QA"}, {"REU", "RE"}, {"ROU", "RO"},
    {"RUS", "RU"}, {"RWA", "RW"}, {"SAU", "SA"}, {"SDN", "SD"}, {"SEN", "SN"}, {"SGP", "SG"}, {"SGS", "GS"},
    {"SHN", "SH"}, {"SJM", "SJ"}, {"SLB", "SB"}, {"SLE", "SL"}, {"SLV", "SV"}, {"SMR", "SM"}, {"SOM", "SO"},
    {"SPM", "PM"}, {"SRB", "RS"}, {"SSD", "SS"}, {"STP", "ST"}, {"SUR", "SR"}, {"SVK", "SK"}, {"SVN", "SI"},
    {"SWE", "SE"}, {"SWZ", "SZ"}, {"SXM", "SX"}, {"SYC", "SC"}, {"SYR", "SY"}, {"TCA", "TC"}, {"TCD", "TD"},
    {"TGO", "TG"}, {"THA", "TH"}, {"TJK", "TJ"}, {"TKL", "TK"}, {"TKM", "TM"}, {"TLS", "TL"}, {"TON", "TO"},
    {"TTO", "TT"}, {"TUN", "TN"}, {"TUR", "TR"}, {"TUV", "TV"}, {"TWN", "TW"}, {"TZA", "TZ"}, {"UGA", "UG"},
    {"UKR", "UA"}, {"UMI", "UM"}, {"URY", "UY"}, {"USA", "US"}, {"UZB", "UZ"}, {"VAT", "VA"}, {"VCT", "VC"},
    {"VEN", "VE"}, {"VGB", "VG"}, {"VIR", "VI"}, {"VNM", "VN"}, {"VUT", "VU"}, {"WLF", "WF"}, {"WSM", "WS"},
    {"XKX", "XK"}, {"YEM", "YE"}, {"ZAF", "ZA"}, {"ZMB", "ZM"}, {"ZWE", "ZW"},
};

static const struct name names[] = {
    {"afghanistan", "AF"}, {"aland", "AX"}, {"aland islands", "AX"}, {"albania", "AL"}, {"algeria", "DZ"},
    {"america", "US"}, {"american samoa", "AS"}, {"andorra", "AD"}, {"angola", "AO"}, {"anguilla", "AI"},
    {"antarctica", "AQ"}, {"antigua", "AG"}, {"antigua and barbuda", "AG"}, {"aotearoa new zealand", "NZ"},
    {"arab republic of egypt", "EG"}, {"argentina", "AR"}, {"argentine republic", "AR"}, {"armenia", "AM"},
    {"aruba", "AW"}, {"ascension and tristan da cunha", "SH"}, {"australia", "AU"}, {"austria", "AT"},
    {"azerbaijan", "AZ"}, {"bahamas", "BS"}, {"bahrain", "BH"}, {"bangladesh", "BD"}, {"barbados", "BB"},
    {"belarus", "BY"}, {"belgium", "BE"}, {"belize", "BZ"}, {"benin", "BJ"}, {"bermuda", "BM"}, {"bhutan", "BT"},
    {"bolivarian republic of venezuela", "VE"}, {"bolivia", "BO"}, {"bolivia plurinational state of", "BO"},
    {"bonaire", "BQ"}, {"bonaire sint eustatius and saba", "BQ"}, {"bonaire st eustatius and saba", "BQ"},
    {"bosnia", "BA"}, {"bosnia and herzegovina", "BA"}, {"bosnia herzegovina", "BA"}, {"botswana", "BW"},
    {"bouvet island", "BV"}, {"brasil", "BR"}, {"brazil", "BR"}, {"britain", "GB"}, {"britain uk", "GB"},
    {"british indian ocean territory", "IO"}, {"british virgin islands", "VG"}, {"brunei", "BN"},
    {"brunei darussalam", "BN"}, {"bulgaria", "BG"}, {"burkina faso", "BF"}, {"burma", "MM"}, {"burundi", "BI"},
    {"bvi", "VG"}, {"cabo verde", "CV"}, {"cambodia", "KH"}, {"cameroon", "CM"}, {"canada", "CA"}, {"cape verde", "CV"},
    {"caribbean netherlands", "BQ"}, {"cayman islands", "KY"}, {"caymans", "KY"},
    {"central african rep", "CF"}, {"central african republic", "CF"}, {"chad", "TD"}, {"chagos islands", "IO"},
    {"chile", "CL"}, {"china", "CN"}, {"china people s republic of", "CN"}, {"chinese taipei", "TW"},
    {"christmas island", "CX"}, {"co operative republic of guyana", "GY"}, {"cocos islands", "CC"},
    {"cocos keeling islands", "CC"}, {"colombia", "CO"}, {"commonwealth of australia", "AU"},
    {"commonwealth of bahamas", "BS"}, {"commonwealth of dominica", "DM"},
    {"commonwealth of northern mariana islands", "MP"}, {"comoros", "KM"}, {"congo", "CG"}, {"congo brazzaville", "CG"},
    {"congo dem rep", "CD"}, {"congo democratic republic of", "CD"}, {"congo dr", "CD"}, {"congo drc", "CD"},
    {"congo kinshasa", "CD"}, {"congo rep", "CG"}, {"congo republic", "CG"}, {"congo republic of", "CG"},
    {"cook islands", "CK"}, {"costa rica", "CR"}, {"cote d ivoire", "CI"}, {"croatia", "HR"}, {"cuba", "CU"},
    {"curacao", "CW"}, {"cyprus", "CY"}, {"czech republic", "CZ"}, {"czechia", "CZ"},
    {"democratic people s republic of korea", "KP"}, {"democratic republic of congo", "CD"},
    {"democratic republic of sao tome and principe", "ST"}, {"democratic republic of timor leste", "TL"},
    {"democratic socialist republic of sri lanka", "LK"}, {"denmark", "DK"}, {"deutschland", "DE"}, {"djibouti", "DJ"},
    {"dominica", "DM"}, {"dominican rep", "DO"}, {"dominican republic", "DO"}, {"dprk", "KP"}, {"dr congo", "CD"},
    {"drc", "CD"}, {"east timor", "TL"}, {"eastern republic of uruguay", "UY"}, {"ecuador", "EC"}, {"egypt", "EG"},
    {"eire", "IE"}, {"el salvador", "SV"}, {"emirates", "AE"}, {"england", "GB"}, {"equatorial guinea", "GQ"},
    {"eritrea", "ER"}, {"espana", "ES"}, {"estonia", "EE"}, {"eswatini", "SZ"}, {"eswatini swaziland", "SZ"},
    {"ethiopia", "ET"}, {"faeroe islands", "FO"}, {"falkland islands", "FK"}, {"falkland islands islas malvinas", "FK"},
    {"falkland islands malvinas", "FK"}, {"falklands", "FK"}, {"faroe islands", "FO"}, {"faroes", "FO"},
    {"federal democratic republic of ethiopia", "ET"}, {"federal democratic republic of nepal", "NP"},
    {"federal republic of germany", "DE"}, {"federal republic of nigeria", "NG"}, {"federal republic of somalia", "SO"},
    {"federated states of micronesia", "FM"}, {"federative republic of brazil", "BR"}, {"fiji", "FJ"},
    {"finland", "FI"}, {"former yugoslav republic of macedonia", "MK"}, {"france", "FR"}, {"france metropolitan", "FR"},
    {"french guiana", "GF"}, {"french guyana", "GF"}, {"french polynesia", "PF"}, {"french republic", "FR"},
    {"french southern and antarctic lands", "TF"}, {"french southern territories", "TF"}, {"fyro macedonia", "MK"},
    {"fyrom", "MK"}, {"gabon", "GA"}, {"gabonese republic", "GA"}, {"gambia", "GM"}, {"georgia", "GE"},
    {"germany", "DE"}, {"germany federal republic of", "DE"}, {"ghana", "GH"}, {"gibraltar", "GI"},
    {"grand duchy of luxembourg", "LU"}, {"great britain", "GB"}, {"greece", "GR"}, {"greenland", "GL"},
    {"grenada", "GD"}, {"guadeloupe", "GP"}, {"guam", "GU"}, {"guatemala", "GT"}, {"guernsey", "GG"}, {"guinea", "GN"},
    {"guinea bissau", "GW"}, {"guyana", "GY"}, {"haiti", "HT"}, {"hashemite kingdom of jordan", "JO"},
    {"heard and mcdonald islands", "HM"}, {"heard island and mcdonald islands", "HM"}, {"hellenic republic", "GR"},
    {"holland", "NL"}, {"holy see", "VA"}, {"holy see vatican city state", "VA"}, {"honduras", "HN"},
    {"hong kong", "HK"}, {"hong kong china", "HK"}, {"hong kong s a r", "HK"}, {"hong kong sar", "HK"},
    {"hong kong sar china", "HK"}, {"hong kong special administrative region", "HK"},
    {"hong kong special administrative region of china", "HK"}, {"hongkong", "HK"}, {"hungary", "HU"},
    {"iceland", "IS"}, {"independent state of papua new guinea", "PG"}, {"independent state of samoa", "WS"},
    {"india", "IN"}, {"indonesia", "ID"}, {"iran", "IR"}, {"iran islamic republic of", "IR"}, {"iraq", "IQ"},
    {"ireland", "IE"}, {"ireland republic of", "IE"}, {"islamic republic of afghanistan", "AF"},
    {"islamic republic of iran", "IR"}, {"islamic republic of mauritania", "MR"},
    {"islamic republic of pakistan", "PK"}, {"isle of man", "IM"}, {"israel", "IL"}, {"italia", "IT"},
    {"italian republic", "IT"}, {"italy", "IT"}, {"ivory coast", "CI"}, {"jamaica", "JM"}, {"japan", "JP"},
    {"jersey", "JE"}, {"jordan", "JO"}, {"kazakhstan", "KZ"}, {"keeling islands", "CC"}, {"kenya", "KE"},
    {"kingdom of bahrain", "BH"}, {"kingdom of belgium", "BE"}, {"kingdom of bhutan", "BT"},
    {"kingdom of cambodia", "KH"}, {"kingdom of denmark", "DK"}, {"kingdom of eswatini", "SZ"},
    {"kingdom of lesotho", "LS"}, {"kingdom of morocco", "MA"}, {"kingdom of netherlands", "NL"},
    {"kingdom of norway", "NO"}, {"kingdom of saudi arabia", "SA"}, {"kingdom of spain", "ES"},
    {"kingdom of sweden", "SE"}, {"kingdom of thailand", "TH"}, {"kingdom of tonga", "TO"}, {"kiribati", "KI"},
    {"korea", "KR"}, {"korea dem rep", "KP"}, {"korea democratic people s republic of", "KP"}, {"korea dpr", "KP"},
    {"korea north", "KP"}, {"korea rep", "KR"}, {"korea republic of", "KR"}, {"korea south", "KR"}, {"kosovo", "XK"},
    {"kosovo republic of", "XK"}, {"ksa", "SA"}, {"kuwait", "KW"}, {"kyrgyz republic", "KG"}, {"kyrgyzstan", "KG"},
    {"lao pdr", "LA"}, {"lao people s democratic republic", "LA"}, {"laos", "LA"}, {"latvia", "LV"},
    {"lebanese republic", "LB"}, {"lebanon", "LB"}, {"lesotho", "LS"}, {"liberia", "LR"}, {"libya", "LY"},
    {"libyan arab jamahiriya", "LY"}, {"liechtenstein", "LI"}, {"lithuania", "LT"}, {"luxembourg", "LU"},
    {"luxemburg", "LU"}, {"macao", "MO"}, {"macao china", "MO"}, {"macao s a r", "MO"}, {"macao sar", "MO"},
    {"macao sar china", "MO"}, {"macao special administrative region of china", "MO"}, {"macau", "MO"},
    {"macau s a r", "MO"}, {"macau sar", "MO"}, {"macau sar china", "MO"}, {"macedonia", "MK"},
    {"macedonia former yugoslav republic of", "MK"}, {"macedonia fyro", "MK"}, {"macedonia republic of", "MK"},
    {"madagascar", "MG"}, {"mainland china", "CN"}, {"malawi", "MW"}, {"malaysia", "MY"}, {"maldives", "MV"},
    {"mali", "ML"}, {"malta", "MT"}, {"malvinas", "FK"}, {"marshall islands", "MH"}, {"martinique", "MQ"},
    {"mauritania", "MR"}, {"mauritius", "MU"}, {"mayotte", "YT"}, {"metropolitan france", "FR"}, {"mexico", "MX"},
    {"micronesia", "FM"}, {"micronesia federated states of", "FM"}, {"moldova", "MD"}, {"moldova republic of", "MD"},
    {"monaco", "MC"}, {"mongolia", "MN"}, {"montenegro", "ME"}, {"montserrat", "MS"}, {"morocco", "MA"},
    {"mozambique", "MZ"}, {"myanmar", "MM"}, {"myanmar burma", "MM"}, {"namibia", "NA"}, {"nauru", "NR"},
    {"nepal", "NP"}, {"netherlands", "NL"}, {"netherlands kingdom of", "NL"}, {"new caledonia", "NC"},
    {"new zealand", "NZ"}, {"nicaragua", "NI"}, {"niger", "NE"}, {"nigeria", "NG"}, {"niue", "NU"},
    {"norfolk island", "NF"}, {"north korea", "KP"}, {"north macedonia", "MK"}, {"northern ireland", "GB"},
    {"northern mariana islands", "MP"}, {"norway", "NO"}, {"occupied palestinian territory", "PS"}, {"oman", "OM"},
    {"oriental republic of uruguay", "UY"}, {"pakistan", "PK"}, {"palau", "PW"}, {"palestine", "PS"},
    {"palestine state of", "PS"}, {"palestinian authority", "PS"}, {"palestinian territories", "PS"},
    {"palestinian territory", "PS"}, {"palestinian territory occupied", "PS"}, {"panama", "PA"},
    {"papua new guinea", "PG"}, {"paraguay", "PY"}, {"people s democratic republic of algeria", "DZ"},
    {"people s republic of bangladesh", "BD"}, {"people s republic of china", "CN"}, {"peru", "PE"},
    {"philippines", "PH"}, {"pitcairn", "PN"}, {"pitcairn islands", "PN"}, {"plurinational state of bolivia", "BO"},
    {"poland", "PL"}, {"portugal", "PT"}, {"portuguese republic", "PT"}, {"pr china", "CN"}, {"prc", "CN"},
    {"principality of andorra", "AD"}, {"principality of liechtenstein", "LI"}, {"principality of monaco", "MC"},
    {"puerto rico", "PR"}, {"qatar", "QA"}, {"republic of albania", "AL"}, {"republic of angola", "AO"},
    {"republic of armenia", "AM"}, {"republic of austria", "AT"}, {"republic of azerbaijan", "AZ"},
    {"republic of belarus", "BY"}, {"republic of benin", "BJ"}, {"republic of bosnia and herzegovina", "BA"},
    {"republic of botswana", "BW"}, {"republic of bulgaria", "BG"}, {"republic of burundi", "BI"},
    {"republic of cabo verde", "CV"}, {"republic of cameroon", "CM"}, {"republic of chad", "TD"},
    {"republic of chile", "CL"}, {"republic of china", "TW"}, {"republic of colombia", "CO"},
    {"republic of congo", "CG"}, {"republic of costa rica", "CR"}, {"republic of cote d ivoire", "CI"},
    {"republic of croatia", "HR"}, {"republic of cuba", "CU"}, {"republic of cyprus", "CY"},
    {"republic of djibouti", "DJ"}, {"republic of ecuador", "EC"}, {"republic of el salvador", "SV"},
    {"republic of equatorial guinea", "GQ"}, {"republic of estonia", "EE"}, {"republic of fiji", "FJ"},
    {"republic of finland", "FI"}, {"republic of gambia", "GM"}, {"republic of georgia", "GE"},
    {"republic of ghana", "GH"}, {"republic of guatemala", "GT"}, {"republic of guinea", "GN"},
    {"republic of guinea bissau", "GW"}, {"republic of guyana", "GY"}, {"republic of haiti", "HT"},
    {"republic of honduras", "HN"}, {"republic of iceland", "IS"}, {"republic of india", "IN"},
    {"republic of indonesia", "ID"}, {"republic of iraq", "IQ"}, {"republic of ireland", "IE"},
    {"republic of kazakhstan", "KZ"}, {"republic of kenya", "KE"}, {"republic of kiribati", "KI"},
    {"republic of korea", "KR"}, {"republic of kosovo", "XK"}, {"republic of latvia", "LV"},
    {"republic of liberia", "LR"}, {"republic of lithuania", "LT"}, {"republic of macedonia", "MK"},
    {"republic of madagascar", "MG"}, {"republic of malawi", "MW"}, {"republic of maldives", "MV"},
    {"republic of mali", "ML"}, {"republic of malta", "MT"}, {"republic of marshall islands", "MH"},
    {"republic of mauritius", "MU"}, {"republic of moldova", "MD"}, {"republic of mozambique", "MZ"},
    {"republic of myanmar", "MM"}, {"republic of namibia", "NA"}, {"republic of nauru", "NR"},
    {"republic of nicaragua", "NI"}, {"republic of niger", "NE"}, {"republic of north macedonia", "MK"},
    {"republic of palau", "PW"}, {"republic of panama", "PA"}, {"republic of paraguay", "PY"},
    {"republic of peru", "PE"}, {"republic of philippines", "PH"}, {"republic of poland", "PL"},
    {"republic of rwanda", "RW"}, {"republic of san marino", "SM"}, {"republic of senegal", "SN"},
    {"republic of serbia", "RS"}, {"republic of seychelles", "SC"}, {"republic of sierra leone", "SL"},
    {"republic of singapore", "SG"}, {"republic of slovenia", "SI"}, {"republic of south africa", "ZA"},
    {"republic of south sudan", "SS"}, {"republic of sudan", "SD"}, {"republic of suriname", "SR"},
    {"republic of tajikistan", "TJ"}, {"republic of trinidad and tobago", "TT"}, {"republic of tunisia", "TN"},
    {"republic of turkey", "TR"}, {"republic of turkiye", "TR"}, {"republic of uganda", "UG"},
    {"republic of union of myanmar", "MM"}, {"republic of uzbekistan", "UZ"}, {"republic of vanuatu", "VU"},
    {"republic of yemen", "YE"}, {"republic of zambia", "ZM"}, {"republic of zimbabwe", "ZW"}, {"reunion", "RE"},
    {"reunion island", "RE"}, {"rok", "KR"}, {"romania", "RO"}, {"rsa", "ZA"}, {"russia", "RU"},
    {"russian federation", "RU"}, {"rwanda", "RW"}, {"rwandese republic", "RW"},
    {"sahrawi arab democratic republic", "EH"}, {"samoa", "WS"}, {"samoa american", "AS"}, {"san marino", "SM"},
    {"sao tome", "ST"}, {"sao tome and principe", "ST"}, {"sao tome e principe", "ST"}, {"saudi arabia", "SA"},
    {"scotland", "GB"}, {"senegal", "SN"}, {"serbia", "RS"}, {"seychelles", "SC"}, {"sierra leone", "SL"},
    {"singapore", "SG"}, {"sint maarten", "SX"}, {"sint maarten dutch part", "SX"}, {"slovak republic", "SK"},
    {"slovakia", "SK"}, {"slovenia", "SI"}, {"socialist republic of viet nam", "VN"},
    {"socialist republic of vietnam", "VN"}, {"solomon islands", "SB"}, {"somalia", "SO"}, {"south africa", "ZA"},
    {"south georgia", "GS"}, {"south georgia and south sandwich islands", "GS"}, {"south korea", "KR"},
    {"south sudan", "SS"}, {"spain", "ES"}, {"sri lanka", "LK"}, {"st barthelemy", "BL"}, {"st barts", "BL"},
    {"st helena", "SH"}, {"st helena ascension and tristan da cunha", "SH"}, {"st kitts", "KN"},
    {"st kitts and nevis", "KN"}, {"st lucia", "LC"}, {"st maarten", "SX"}, {"st martin", "MF"},
    {"st martin dutch part", "SX"}, {"st martin french", "MF"}, {"st martin french part", "MF"}, {"st pierre", "PM"},
    {"st pierre and miquelon", "PM"}, {"st vincent", "VC"}, {"st vincent and grenadines", "VC"},
    {"state of eritrea", "ER"}, {"state of israel", "IL"}, {"state of kuwait", "KW"}, {"state of libya", "LY"},
    {"state of palestine", "PS"}, {"state of qatar", "QA"}, {"sudan", "SD"}, {"sultanate of oman", "OM"},
    {"surinam", "SR"}, {"suriname", "SR"}, {"svalbard", "SJ"}, {"svalbard and jan mayen", "SJ"},
    {"svalbard and jan mayen islands", "SJ"}, {"swaziland", "SZ"}, {"sweden", "SE"}, {"swiss confederation", "CH"},
    {"switzerland", "CH"}, {"syria", "SY"}, {"syrian arab republic", "SY"}, {"taiwan", "TW"}, {"taiwan china", "TW"},
    {"taiwan province of china", "TW"}, {"taiwan republic of china", "TW"}, {"taiwan roc", "TW"}, {"tajikistan", "TJ"},
    {"tanzania", "TZ"}, {"tanzania united republic of", "TZ"}, {"thailand", "TH"}, {"timor leste", "TL"},
    {"togo", "TG"}, {"togolese republic", "TG"}, {"tokelau", "TK"}, {"tonga", "TO"}, {"trinidad", "TT"},
    {"trinidad and tobago", "TT"}, {"tunisia", "TN"}, {"turkey", "TR"}, {"turkey turkiye", "TR"}, {"turkiye", "TR"},
    {"turkiye turkey", "TR"}, {"turkmenistan", "TM"}, {"turks and caicos", "TC"}, {"turks and caicos is", "TC"},
    {"turks and caicos islands", "TC"}, {"tuvalu", "TV"}, {"u k", "GB"}, {"u s", "US"}, {"u s a", "US"},
    {"u s minor outlying islands", "UM"}, {"u s outlying islands", "UM"}, {"u s virgin islands", "VI"}, {"uae", "AE"},
    {"uganda", "UG"}, {"uk", "GB"}, {"ukraine", "UA"}, {"union of comoros", "KM"}, {"united arab emirates", "AE"},
    {"united kingdom", "GB"}, {"united kingdom of great britain and northern ireland", "GB"},
    {"united mexican states", "MX"}, {"united republic of tanzania", "TZ"}, {"united states", "US"},
    {"united states minor outlying islands", "UM"}, {"united states of america", "US"},
    {"united states virgin islands", "VI"}, {"uruguay", "UY"}, {"us minor outlying islands", "UM"},
    {"us virgin islands", "VI"}, {"usvi", "VI"}, {"uzbekistan", "UZ"}, {"vanuatu", "VU"}, {"vatican", "VA"},
    {"vatican city", "VA"}, {"vatican city holy see", "VA"}, {"vatican city state", "VA"}, {"venezuela", "VE"},
    {"venezuela bolivarian republic of", "VE"}, {"viet nam", "VN"}, {"vietnam", "VN"}, {"virgin islands british", "VG"},
    {"virgin islands of united states", "VI"}, {"virgin islands u s", "VI"}, {"virgin islands uk", "VG"},
    {"virgin islands us", "VI"}, {"wales", "GB"}, {"wallis and futuna", "WF"}, {"wallis and futuna islands", "WF"},
    {"western sahara", "EH"}, {"western samoa", "WS"}, {"yemen", "YE"}, {"zaire", "CD"}, {"zambia", "ZM"},
    {"zimbabwe", "ZW"},
};
/* clang-format on */

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static int compare_name(const void *text, const void *name)
{
    return strcmp(text, ((const struct name *)name)->text);
}

static int compare_code(const void *text, const void *code)
{
    return strcmp(text, code);
}

/* ---- the plain form ---- */

struct plain {
    char text[PLAIN_SIZE];
    size_t length, word; /* `word`: where the last word starts */
};

static bool ends_with(const struct plain *plain, const char *word)
{
    size_t length = strlen(word);

    return plain->length - plain->word == length && memcmp(plain->text + plain->word, word, length) == 0;
}

static bool put(struct plain *plain, char c)
{
    if (plain->length == PLAIN_SIZE - 1)
        return false;
    plain->text[plain->length++] = c;
    return true;
}

/* Ends the word that was being written, if any. */
static bool end_word(struct plain *plain)
{
    if (plain->length == plain->word)
        return true;
    if (ends_with(plain, "the")) {
        plain->length = plain->word;
        return true;
    }
    if (ends_with(plain, "saint")) {
        plain->text[plain->word + 1] = 't';
        plain->length = plain->word + 2;
    }
    if (!put(plain, ' '))
        return false;
    plain->word = plain->length;
    return true;
}

static bool put_and(struct plain *plain)
{
    return end_word(plain) && put(plain, 'a') && put(plain, 'n') && put(plain, 'd') && end_word(plain);
}

/* The letter without its accent, ' ' for a typographic sign, '?' for everything that no name here holds. `n` is the
 * length of the sequence. */
static char fold_utf8(const unsigned char *p, size_t left, size_t *n)
{
    static const char latin1[] = "aaaaaa?ceeeeiiii?nooooo?ouuuuy??"; /* U+00C0 to U+00DF; U+00E0 to U+00FF likewise */

    *n = 2;
    if (left >= 2 && p[0] == 0xC3)
        return latin1[p[1] & 0x1F];
    if (left >= 2 && p[0] == 0xC4 && (p[1] == 0xB0 || p[1] == 0xB1))
        return 'i'; /* Turkish: with the dot as a capital, without it as a small letter */
    if (left >= 2 && p[0] == 0xC2 && p[1] == 0xA0)
        return ' ';
    *n = 3;
    if (left >= 3 && p[0] == 0xE2 && p[1] == 0x80 && p[2] >= 0x90 && p[2] <= 0x99)
        return ' '; /* hyphens, dashes and single quotes, U+2010 to U+2019 */
    return '?';
}

static bool make_plain(struct mf_slice text, struct plain *plain)
{
    plain->length = plain->word = 0;
    for (size_t i = 0, n; i < text.length; i += n) {
        char c = mf_ascii_lower(text.data[i]);

        n = 1;
        if ((unsigned char)c >= 0x80)
            c = fold_utf8((const unsigned char *)text.data + i, text.length - i, &n);
        if (c == '?' || c == '\0')
            return false;
        if (c == '&') {
            if (!put_and(plain))
                return false;
        } else if (!(c >= 'a' && c <= 'z' ? put(plain, c) : end_word(plain))) {
            return false;
        }
    }
    if (!end_word(plain) || plain->length == 0)
        return false;
    plain->text[plain->length - 1] = '\0'; /* the blank behind the last word */
    return true;
}

/* ---- looking up ---- */

static bool is_alpha2(struct mf_slice text, char upper[4])
{
    return text.length == 2 && bsearch(upper, alpha2, COUNT(alpha2), sizeof alpha2[0], compare_code) != NULL;
}

bool mf_country_code(struct mf_slice text, char code[2])
{
    const struct name *found = NULL;
    struct plain plain;
    char upper[4] = "";

    text = mf_slice_trim(text);
    if (text.length > WRITTEN_MAX)
        return false;
    for (size_t i = 0; i < text.length && i < 3; i++) {
        char c = mf_ascii_lower(text.data[i]);
        upper[i] = (char)(c >= 'a' && c <= 'z' ? c & ~0x20 : '?');
    }
    if (is_alpha2(text, upper)) {
        memcpy(code, upper, 2);
        return true;
    }
    if (text.length == 3)
        found = bsearch(upper, alpha3, COUNT(alpha3), sizeof alpha3[0], compare_name);
    if (found == NULL && make_plain(text, &plain))
        found = bsearch(plain.text, names, COUNT(names), sizeof names[0], compare_name);
    if (found == NULL)
        return false;
    memcpy(code, found->code, 2);
    return true;
}
