/**
 * A real newspaper's settings and words in the form the service gives them, to measure and to try the widget with.
 */
import { readFileSync } from "node:fs";

const textsOf = (lang) =>
  JSON.parse(readFileSync(new URL(`../../consent/notices/texts/${lang}.json`, import.meta.url), "utf8"));

export const sampleSettings = {
  site: "miami-new-times",
  url: "https://consent.example.com",
  notice: "4d1f2c9be8a07365c1d48e29f6b03a7755e0c9d2814fa6b3d7e8901c2a4b5f60",
  material: "9b2e41c07d58f3a6",
  layout: {
    regime: "opt_in",
    intro: "intro",
    says: ["services", "opt_in", "withdraw"],
    buttons: ["accept", "refuse", "choose"],
    reopen: "reopen",
  },
  close: "refuse",
  days: 182,
  purposes: [
    { id: "analytics", services: ["google-analytics"] },
    { id: "content", services: ["youtube", "twitter"] },
    { id: "advertising", services: ["google-ads", "facebook-pixel"], sale: true },
  ],
  required: [{ id: "necessary", services: [] }],
  languages: ["en", "es"],
  build: "0123456789abcdef",
  changes: { "1111111111111111": ["advertising"] },
  signals: {
    ad_storage: ["advertising"],
    ad_user_data: ["advertising"],
    ad_personalization: ["advertising"],
    analytics_storage: ["analytics"],
    functionality_storage: [],
    personalization_storage: [],
  },
  reopen: true,
  offer: true,
};

const google = { provider: "Google Ireland Limited", privacy_policy: "https://policies.google.com/privacy" };
const purposes = [
  {
    id: "necessary",
    name: "Necessary",
    description: "Keep the site working: signing in, security, and remembering these choices.",
    required: true,
    legal_basis: "legitimate_interest",
    services: [],
  },
  {
    id: "analytics",
    name: "Performance and usage",
    description: "Collect and analyze information on site performance and usage.",
    required: false,
    legal_basis: "consent",
    services: [
      {
        id: "google-analytics",
        name: "Google Analytics",
        ...google,
        cookies: [
          { name: "_ga", lifetime: "2 years", domain: ".miaminewtimes.com", about: "Tells visitors apart." },
          { name: "_ga_*", lifetime: "2 years", domain: ".miaminewtimes.com", about: "Keeps the state of a visit." },
        ],
      },
    ],
  },
  {
    id: "content",
    name: "Content and embeds",
    description: "Enhance and customize content, and show videos and posts from other sites.",
    required: false,
    legal_basis: "consent",
    services: [
      {
        id: "youtube",
        name: "YouTube",
        ...google,
        cookies: [
          { name: "VISITOR_INFO1_LIVE", lifetime: "180 days", domain: ".youtube.com", about: "Estimates bandwidth." },
        ],
      },
      {
        id: "twitter",
        name: "Twitter (X) posts",
        provider: "Twitter International Unlimited Company",
        privacy_policy: "https://twitter.com/privacy",
        cookies: [],
      },
    ],
  },
  {
    id: "advertising",
    name: "Advertisements",
    description: "Enhance and customize advertisements, and measure them.",
    required: false,
    legal_basis: "consent",
    services: [
      {
        id: "google-ads",
        name: "Google Ads",
        ...google,
        cookies: [{ name: "_gcl_au", lifetime: "90 days", domain: ".miaminewtimes.com", about: "Measures ad clicks." }],
      },
      {
        id: "facebook-pixel",
        name: "Meta Pixel",
        provider: "Meta Platforms Ireland Limited",
        privacy_policy: "https://www.facebook.com/privacy/policy",
        cookies: [
          { name: "_fbp", lifetime: "90 days", domain: ".miaminewtimes.com", about: "Tells browsers apart for ads." },
        ],
      },
    ],
  },
];

const controller = {
  name: "Miami New Times, LLC",
  privacy_policy: "https://www.miaminewtimes.com/privacy",
  cookie_policy: "https://www.miaminewtimes.com/cookies",
};
const services = purposes.flatMap((purpose) => purpose.services);

/** What the service leaves out, for no visitor of this site under opt-in is ever shown it. */
const UNSEEN =
  /^(intro_presumed|presumed|sale|together|acknowledge|do_not_sell|privacy_choices|gpc_honored|opted_out|close_later)$|^basis_(?!consent|legitimate)|^(session|persistent|local_storage|session_storage|indexed_db)$/;
const seen = (words) => Object.fromEntries(Object.entries(words).filter(([key]) => !UNSEEN.test(key)));

const lists = [
  ["top-stories", "Top Stories", "All-access pass to the top stories, events and offers around town."],
  ["events", "Events this week", "What to see, hear and eat around town, every Thursday."],
];
/** What is said where the address is asked for, not on the page that confirms it. */
const asked = (words) => Object.fromEntries(Object.entries(words).filter(([key]) => !key.startsWith("confirm_")));

/** What the service puts before each layer, in one language (names of purposes stay English here). */
export function wordsIn(lang, dir = "ltr") {
  const texts = textsOf(lang);
  const css =
    ":host{--accent:var(--consent-accent,#c8102e);--on-accent:var(--consent-on-accent,#fff);" +
    "--radius:var(--consent-radius,6px)}@media(prefers-color-scheme:dark){:host{--edge:var(--ink)}}";
  const brief = purposes.map(({ id, name, required }) => ({ id, name, required, ...(id === "advertising" && { sale: true }) }));
  const kept = ({ id, cookies }) => cookies.map(({ name, domain }) => [id, name, domain]);
  const explained = ({ description, legal_basis, services }) => ({
    description,
    legal_basis,
    services: services.map(({ id, ...service }) => service),
  });
  return {
    notice: {
      lang,
      dir,
      words: seen(texts.notice),
      controller,
      purposes: brief,
      services: services.length,
      position: "bottom",
      css,
    },
    preferences: { words: seen(texts.preferences), purposes: purposes.map(explained) },
    placeholder: {
      words: texts.placeholder,
      services: Object.fromEntries(services.map(({ id, name }) => [id, name])),
    },
    clear: { kept: { cookie: services.flatMap(kept) } },
    carry: {},
    signup: {
      lang,
      dir,
      words: { ...asked(texts.signup), privacy_policy: texts.notice.privacy_policy },
      controller: { name: controller.name, privacy_policy: controller.privacy_policy },
      css,
      lists,
      prompt: { lists: ["top-stories"], seconds: 20, scroll: 50, pages: 2, later: 7, decline: 365 },
    },
  };
}

export const sampleWords = wordsIn("en");
