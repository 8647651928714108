'use strict';

// Browsers send no body with a GET. This puts its fields into the query, where they mean the same.
function bodyToQuery(request) {
  if (request.method !== 'GET' || !request.body) return request;
  const url = new URL(request.url, window.location.href);
  for (const [name, value] of Object.entries(JSON.parse(request.body))) {
    if (value !== null && !url.searchParams.has(name)) url.searchParams.set(name, value);
  }
  request.url = url.toString();
  delete request.body;
  return request;
}

SwaggerUIBundle({
  url: new URL('openapi.yaml', window.location.href).toString(),
  dom_id: '#swagger-ui',
  deepLinking: true,
  tryItOutEnabled: true,
  defaultModelsExpandDepth: 0,
  validatorUrl: null,
  requestInterceptor: bodyToQuery,
});
