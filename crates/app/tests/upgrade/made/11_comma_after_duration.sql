INSERT INTO accounts VALUES
(0,'playlist');
INSERT INTO clock VALUES
('movie',1,2,20786),
('series',1,2,20786);
INSERT INTO copies VALUES
('series',0,'041321af392254ce',NULL,1,NULL,1,NULL,NULL),
('series',0,'episode-5534aeb6c01fb747',NULL,1,NULL,1,NULL,NULL);
INSERT INTO episodes VALUES
(1,0,1,1);
INSERT INTO files VALUES
(1,'s01e02.nfo','Season 01/Blindspot - S01E02.nfo',135,X'7C4749054C5C03790905CB5881E7AD5A',NULL,NULL,NULL,NULL,NULL),
(1,'s01e02.strm','Season 01/Blindspot - S01E02.strm',34,X'5DF2AB7F44C4F39AE91D631D938EDE9B',NULL,NULL,NULL,0,NULL),
(1,'tvshow.nfo','tvshow.nfo',102,X'A2C361758FA82D269868ED7BA2E0FAC5',NULL,NULL,NULL,NULL,NULL);
INSERT INTO meta VALUES
('generation','1'),
('library','de15cc469adf7b7a7c99b1e71c9c0046'),
('mounts in Movies',''),
('mounts in TV',''),
('place of Movies',''),
('place of TV',''),
('will about movie','all'),
('will about series','all');
INSERT INTO runs VALUES
(1,1795967375,1795967375,'list.m3u',0,NULL);
INSERT INTO titles VALUES
(1,'series','Blindspot',0,NULL,'VIP : Blindspot',NULL,NULL,NULL,X'BB3F9A8BE0517E9F645C2710FDD0BD57',X'84F78685D973244D8E54A05C8D1425A9',NULL,1795967375,NULL,NULL,NULL,NULL,0,1,1,0,NULL);
