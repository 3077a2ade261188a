// validatorUrl: without it the viewer would send the document's address to a
// service of others.
SwaggerUIBundle({
  url: "/docs/openapi.json",
  dom_id: "#document",
  deepLinking: true,
  validatorUrl: null,
  docExpansion: "none",
  filter: true,
  tagsSorter: "alpha",
  defaultModelsExpandDepth: 0,
});
