// The code of a tag template, for a container whose pages cannot be changed. It runs on "Consent Initialization".
const gtagSet = require('gtagSet');
const injectScript = require('injectScript');
const setDefaultConsentState = require('setDefaultConsentState');

setDefaultConsentState({
  ad_storage: 'denied',
  ad_user_data: 'denied',
  ad_personalization: 'denied',
  analytics_storage: 'denied',
  functionality_storage: 'denied',
  personalization_storage: 'denied',
  security_storage: 'granted',
  wait_for_update: 500,
});
gtagSet({ ads_data_redaction: true, url_passthrough: false });
injectScript(data.url + '/w/' + data.site + '.js', data.gtmOnSuccess, data.gtmOnFailure, 'consent');
