//! Languages by their codes: those of ISO 639 and the words that providers use mean the same two letters.

use super::vocabulary::{Tag, tag};

/// ISO 639: two letters, then the three that media files have, and other codes for the same. Norwegian and
/// Chinese are one language each, as in names.
const CODES: &str = "\
    aa aar|ab abk|ae ave|af afr|ak aka|am amh|an arg|ar ara|as asm|av ava|ay aym|az aze|ba bak|be bel|bg bul|bi bis|\
    bm bam|bn ben|bo tib bod|br bre|bs bos|ca cat|ce che|ch cha|co cos|cr cre|cs cze ces|cu chu|cv chv|cy wel cym|\
    da dan|de ger deu|dv div|dz dzo|ee ewe|el gre ell|en eng|eo epo|es spa|et est|eu baq eus|fa per fas|ff ful|fi fin|\
    fj fij|fo fao|fr fre fra|fy fry|ga gle|gd gla|gl glg|gn grn|gu guj|gv glv|ha hau|he heb iw|hi hin|ho hmo|hr hrv scr|\
    ht hat|hu hun|hy arm hye|hz her|ia ina|id ind in|ie ile|ig ibo|ii iii|ik ipk|io ido|is ice isl|it ita|iu iku|ja jpn|\
    jv jav|ka geo kat|kg kon|ki kik|kj kua|kk kaz|kl kal|km khm|kn kan|ko kor|kr kau|ks kas|ku kur|kv kom|kw cor|ky kir|\
    la lat|lb ltz|lg lug|li lim|ln lin|lo lao|lt lit|lu lub|lv lav|mg mlg|mh mah|mi mao mri|mk mac mkd|ml mal|mn mon|\
    mr mar|ms may msa|mt mlt|my bur mya|na nau|nd nde|ne nep|ng ndo|nl dut nld|no nor nob nno nb nn|nr nbl|nv nav|\
    ny nya|oc oci|oj oji|om orm|or ori|os oss|pa pan|pi pli|pl pol|ps pus|pt por|qu que|rm roh|rn run|ro rum ron mol|\
    ru rus|rw kin|sa san|sc srd|sd snd|se sme|sg sag|si sin|sk slo slk|sl slv|sm smo|sn sna|so som|sq alb sqi|sr srp scc|\
    ss ssw|st sot|su sun|sv swe|sw swa|ta tam|te tel|tg tgk|th tha|ti tir|tk tuk|tl tgl fil|tn tsn|to ton|tr tur|ts tso|\
    tt tat|tw twi|ty tah|ug uig|uk ukr|ur urd|uz uzb|ve ven|vi vie|vo vol|wa wln|wo wol|xh xho|yi yid|yo yor|za zha|\
    zh chi zho cmn yue|zu zul|multi mul";

/// The codes of each language, its own first.
fn languages() -> impl Iterator<Item = std::str::Split<'static, char>> {
    CODES.split('|').map(|codes| codes.split(' '))
}

/// The language that a media file says: two letters, three where there are no two, `multi` for several. `None` where
/// it says none, as `und` does.
pub fn of_code(code: &str) -> Option<String> {
    let code = code.trim().to_ascii_lowercase();
    // `pt-BR` is Portuguese.
    let code = code.split(['-', '_']).next().unwrap_or_default();
    let own = languages().find(|codes| codes.clone().any(|known| known == code));
    if let Some(own) = own.and_then(|mut codes| codes.next()) {
        return Some(own.to_owned());
    }
    if let Some(Tag::Language(known)) = tag(code) {
        return Some(known);
    }
    let is_code = code.len() == 3 && code.bytes().all(|byte| byte.is_ascii_lowercase());
    // Nothing, several that have no code, what is no language; and what everybody may give a meaning.
    let is_none = ["und", "mis", "zxx"].contains(&code) || ("qaa"..="qtz").contains(&code);
    (is_code && !is_none).then(|| code.to_owned())
}

/// The language that somebody means by a word or a code; providers' words come first: `lat` is no Latin.
pub fn of_word(word: &str) -> Option<String> {
    match tag(word.trim()) {
        Some(Tag::Language(code)) => Some(code),
        _ => of_code(word),
    }
}

/// The three letters that media files and NFO files have for a language.
pub fn three_letters(language: &str) -> &str {
    let mut own = languages().filter(|codes| codes.clone().next() == Some(language));
    own.next().and_then(|mut codes| codes.nth(1)).unwrap_or(language)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_and_words_for_one_language_are_one() {
        for (code, language) in [
            ("ger", Some("de")),
            ("deu", Some("de")),
            ("DE", Some("de")),
            (" de-AT ", Some("de")),
            ("German", Some("de")),
            ("cz", Some("cs")),
            ("ces", Some("cs")),
            ("pt_BR", Some("pt")),
            ("nob", Some("no")),
            ("fil", Some("tl")),
            ("lat", Some("la")),
            ("mul", Some("multi")),
            ("gsw", Some("gsw")),
            ("und", None),
            ("zxx", None),
            ("qaa", None),
            ("", None),
            ("x", None),
            ("ger/en", None),
            ("klingon", None),
        ] {
            assert_eq!(of_code(code).as_deref(), language, "{code}");
        }
        assert_eq!(of_word("lat").as_deref(), Some("es"));
        assert_eq!(of_word("nld").as_deref(), Some("nl"));
        assert_eq!(["de", "gsw", "multi"].map(three_letters), ["ger", "gsw", "mul"]);
    }

    #[test]
    fn every_code_stands_once_and_every_language_of_names_is_there() {
        let mut all: Vec<&str> = languages().flatten().collect();
        all.sort_unstable();
        let number = all.len();
        all.dedup();
        assert_eq!(all.len(), number);
        for (word, sort, language) in super::super::known_words::WORDS {
            let is_there = || languages().any(|mut codes| codes.next() == Some(*language));
            assert!(*sort != super::super::known_words::Sort::Language || is_there(), "{word}");
        }
    }
}
