// The scripts that a name is written in. Letters of two scripts can look alike: in jоhn the
// о may be Cyrillic, and then jоhn is somebody else than john.

/** The scripts in common modern use (Unicode Standard Annex 31, table 5). */
const SCRIPTS = `Arabic Armenian Bengali Bopomofo Cyrillic Devanagari Ethiopic Georgian Greek Gujarati Gurmukhi Han Hangul
  Hebrew Hiragana Kannada Katakana Khmer Lao Latin Malayalam Myanmar Oriya Sinhala Tamil Telugu Thaana Thai Tibetan`.split(/\s+/);

/** Those that are written together: Japanese, Chinese and Korean, with Latin. */
const TOGETHER = ['Latin Han Hiragana Katakana', 'Latin Han Bopomofo', 'Latin Han Hangul'].map((scripts) => scripts.split(' '));

const of = (scripts) => scripts.map((script) => `\\p{Script_Extensions=${script}}`).join('');
const alone = [...SCRIPTS.map((script) => [script]), ...TOGETHER].map((scripts) => new RegExp(`^[${of([...scripts, 'Common', 'Inherited'])}]*$`, 'u'));
const rare = new RegExp(`^[^${of(SCRIPTS)}]*$`, 'u'); // of any other script

export const MIXED = 'This name mixes letters of several alphabets.';

/** Whether a name is less than highly restrictive (Unicode Technical Standard 39, section 5.2). */
export function mixesScripts(name) {
  return !rare.test(name) && !alone.some((pattern) => pattern.test(name));
}
